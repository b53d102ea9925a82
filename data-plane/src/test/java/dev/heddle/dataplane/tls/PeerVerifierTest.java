package dev.heddle.dataplane.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.dataplane.loopback.MeshAuthority;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerVerifierTest {
  private static final String ECDSA = "ECDHE_ECDSA";

  private final MeshAuthority authority = MeshAuthority.create();
  private final X509Certificate[] client = chain(authority, "client");
  private final MovableClock clock = new MovableClock();
  private final PeerVerifier verifier =
      new PeerVerifier(List.of(authority.root()), List.of(), true, clock);

  @Test
  void letsAPeerInAgain() throws CertificateException {
    verifier.checkClientTrusted(client, ECDSA);

    assertThatCode(() -> verifier.checkClientTrusted(client, ECDSA)).doesNotThrowAnyException();
  }

  @Test
  void aPeerThatWasLetInIsNotWhenItsCertificateHasExpired() throws CertificateException {
    verifier.checkClientTrusted(client, ECDSA);

    clock.set(client[0].getNotAfter().toInstant().plusSeconds(1));

    assertThatThrownBy(() -> verifier.checkClientTrusted(client, ECDSA))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void aPeerThatWasLetInIsNotWhenItsAnchorHasExpired() throws CertificateException {
    MeshAuthority other = MeshAuthority.create();
    PeerVerifier ofTwo =
        new PeerVerifier(List.of(authority.root(), other.root()), List.of(), true, clock);
    ofTwo.checkClientTrusted(client, ECDSA);

    clock.set(authority.root().getNotAfter().toInstant().plusSeconds(1));

    assertThatThrownBy(() -> ofTwo.checkClientTrusted(client, ECDSA))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void aPeerThatWasLetInIsNotWhenTheClockGoesBackBeforeItsCertificate()
      throws CertificateException {
    verifier.checkClientTrusted(client, ECDSA);

    clock.set(client[0].getNotBefore().toInstant().minusSeconds(1));

    assertThatThrownBy(() -> verifier.checkClientTrusted(client, ECDSA))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void onePeerLetInOpensNothingToAnother() throws CertificateException {
    verifier.checkClientTrusted(client, ECDSA);

    X509Certificate[] stranger = chain(MeshAuthority.create(), "client");

    assertThatThrownBy(() -> verifier.checkClientTrusted(stranger, ECDSA))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("trust anchor");
  }

  @Test
  void aNameThatIsNotExpectedStaysOut() {
    PeerVerifier ofServer =
        new PeerVerifier(
            List.of(authority.root()), List.of(MeshAuthority.id("server").toString()), true, clock);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> ofServer.checkServerTrusted(client, ECDSA))
          .isInstanceOf(IdentityMismatchException.class);
    }
  }

  @Test
  void whatWasVerifiedForOneUseIsNotForAnother() throws CertificateException {
    VerifiedChains.Chain asClient = VerifiedChains.Chain.of(List.of(client), "client");
    VerifiedChains.Chain asServer = VerifiedChains.Chain.of(List.of(client), "server");
    VerifiedChains chains = new VerifiedChains();

    chains.add(asClient, VerifiedChains.Validity.ofAll(List.of(client)));

    assertThat(chains.contains(asClient, clock.instant())).isTrue();
    assertThat(chains.contains(asServer, clock.instant())).isFalse();
  }

  @Test
  void forgetsWhatWasNotShownForLongest() throws CertificateException {
    VerifiedChains chains = new VerifiedChains();
    VerifiedChains.Validity validity = VerifiedChains.Validity.ofAll(List.of(client));
    VerifiedChains.Chain first = VerifiedChains.Chain.of(List.of(client), "0");
    chains.add(first, validity);

    for (int i = 1; i <= 128; i++) {
      chains.add(VerifiedChains.Chain.of(List.of(client), Integer.toString(i)), validity);
    }

    assertThat(chains.contains(first, clock.instant())).isFalse();
    assertThat(chains.contains(VerifiedChains.Chain.of(List.of(client), "1"), clock.instant()))
        .isTrue();
  }

  private static X509Certificate[] chain(MeshAuthority authority, String serviceAccount) {
    return authority.issue(serviceAccount).chain().toArray(X509Certificate[]::new);
  }
}
