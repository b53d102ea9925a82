package dev.heddle.ca.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.SpiffeId;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CertificateMakerTest {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final SpiffeId ID = SpiffeId.of("cluster.local", "shop", "cart");

  private final CertificateMaker maker =
      new CertificateMaker(Clock.fixed(NOW, ZoneOffset.UTC), new SecureRandom());
  private Root root;
  private KeyedChain intermediate;

  @BeforeEach
  void makeAuthorities() throws Exception {
    root = Root.of(maker.root("test", Duration.ofDays(100)), List.of(), NOW);
    intermediate = maker.intermediate(root, "cluster.local", Duration.ofDays(30));
  }

  @Test
  void statesOnlyTheIdAndOnlyForTls() throws Exception {
    X509Certificate leaf = workload(ID, Duration.ofHours(24));

    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getSubjectAlternativeNames()).hasSize(1);
    assertThat(SpiffeId.fromCertificate(leaf)).isEqualTo(ID);
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17", "2.5.29.15");
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage()).startsWith(true, false, false, false, false, false);
    assertThat(leaf.getExtendedKeyUsage())
        .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getNotBefore().toInstant()).isEqualTo(NOW.minusSeconds(60));
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofHours(24)));
  }

  @Test
  void serialNumbersAreRandomAndLong() throws Exception {
    X509Certificate one = workload(ID, Duration.ofHours(1));
    X509Certificate two = workload(ID, Duration.ofHours(1));

    assertThat(one.getSerialNumber()).isNotEqualTo(two.getSerialNumber());
    assertThat(one.getSerialNumber().bitLength()).isBetween(97, 128);
  }

  @Test
  void aLeafNeverOutlivesItsIssuer() throws Exception {
    assertThat(workload(ID, Duration.ofDays(60)).getNotAfter())
        .isEqualTo(intermediate.certificate().getNotAfter());
  }

  @Test
  void theIntermediateSignsLeavesOfItsTrustDomainOnly() throws Exception {
    assertThat(intermediate.certificate().getBasicConstraints()).isZero();
    validate(workload(ID, Duration.ofHours(1)));

    X509Certificate foreign =
        workload(SpiffeId.of("other.local", "shop", "cart"), Duration.ofHours(1));
    assertThatThrownBy(() -> validate(foreign)).isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  void aTrustDomainThatIsNoHostNameIsNotConstrained() throws Exception {
    intermediate = maker.intermediate(root, "my_domain", Duration.ofDays(30));

    validate(workload(SpiffeId.of("my_domain", "shop", "cart"), Duration.ofHours(1)));
  }

  private X509Certificate workload(SpiffeId id, Duration lifetime) throws Exception {
    return maker.workload(
        intermediate, id, CertificateSigningRequest.newKeyPair().getPublic(), lifetime);
  }

  private void validate(X509Certificate leaf) throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root.anchor(), null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(NOW));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509")
                .generateCertPath(List.of(leaf, intermediate.certificate())),
            parameters);
  }
}
