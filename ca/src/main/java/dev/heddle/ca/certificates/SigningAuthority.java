package dev.heddle.ca.certificates;

import dev.heddle.meshapi.identity.SpiffeId;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What workload certificates are signed with now.
 *
 * @param issuer the intermediate, and the certificates from it up to, not including, an anchor
 * @param trustAnchors all anchors valid now
 */
public record SigningAuthority(KeyedChain issuer, List<X509Certificate> trustAnchors) {
  public SigningAuthority {
    trustAnchors = List.copyOf(trustAnchors);
  }

  /** A new certificate for a workload: the leaf first, then the issuers. */
  public List<X509Certificate> sign(
      CertificateMaker maker, SpiffeId id, PublicKey key, Duration lifetime)
      throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(maker.workload(issuer, id, key, lifetime));
    chain.addAll(issuer.chain());
    return List.copyOf(chain);
  }

  public Instant notAfter() {
    return issuer.certificate().getNotAfter().toInstant();
  }
}
