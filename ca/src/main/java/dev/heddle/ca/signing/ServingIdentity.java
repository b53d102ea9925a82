package dev.heddle.ca.signing;

import dev.heddle.ca.certificates.CertificateMaker;
import dev.heddle.ca.certificates.SigningAuthority;
import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that the CA itself serves with. It signs it itself, keeps it in memory only, and
 * makes a new one at half-life or when it signs with another authority.
 */
public final class ServingIdentity {
  private final SpiffeId id;
  private final Duration lifetime;
  private final CertificateMaker maker;
  private final Clock clock;
  private volatile @Nullable Issued issued;

  private record Issued(SigningAuthority authority, WorkloadCertificate certificate) {}

  public ServingIdentity(SpiffeId id, Duration lifetime, CertificateMaker maker, Clock clock) {
    this.id = id;
    this.lifetime = lifetime;
    this.maker = maker;
    this.clock = clock;
  }

  /** What to serve with now. */
  public Optional<WorkloadCertificate> current() {
    return Optional.ofNullable(issued).map(Issued::certificate);
  }

  /**
   * Makes a new certificate if one is due; to be called when the authority changes, and now and
   * then.
   */
  public synchronized void refresh(SigningAuthority authority) throws GeneralSecurityException {
    Issued before = issued;
    if (before != null && before.authority().equals(authority) && !isDue(before.certificate())) {
      return;
    }
    KeyPair keys = CertificateSigningRequest.newKeyPair();
    WorkloadCertificate certificate =
        WorkloadCertificate.of(
            keys.getPrivate(),
            authority.sign(maker, id, keys.getPublic(), lifetime),
            authority.trustAnchors(),
            id);
    issued = new Issued(authority, certificate);
  }

  private boolean isDue(WorkloadCertificate certificate) {
    Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
    return clock.instant().isAfter(certificate.notBefore().plus(life.dividedBy(2)));
  }
}
