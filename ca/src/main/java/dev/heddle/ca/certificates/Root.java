package dev.heddle.ca.certificates;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * What signs intermediates: a self-signed root, or an authority of the user's own hierarchy.
 *
 * @param privateKey the key of the certificate
 * @param certificate the authority that signs
 * @param below the certificates from the signing one up to, not including, the anchor; empty if it
 *     is the anchor
 * @param anchor what peers trust
 */
public record Root(
    PrivateKey privateKey,
    X509Certificate certificate,
    List<X509Certificate> below,
    X509Certificate anchor) {
  private static final int KEY_CERT_SIGN = 5;

  public Root {
    below = List.copyOf(below);
  }

  /**
   * Takes a Secret's content as a root.
   *
   * @param keyed {@code tls.crt} and {@code tls.key}
   * @param authorities {@code ca.crt}; needed only if {@code tls.crt} is not self-signed
   * @throws GeneralSecurityException naming what makes it unfit to sign with
   */
  public static Root of(KeyedChain keyed, List<X509Certificate> authorities, Instant now)
      throws GeneralSecurityException {
    X509Certificate certificate = keyed.certificate();
    requireAuthority(certificate, now);
    if (isSelfSigned(certificate)) {
      return new Root(keyed.privateKey(), certificate, List.of(), certificate);
    }
    List<X509Certificate> below = withoutRoot(keyed.chain());
    X509Certificate top = below.getLast();
    X509Certificate anchor =
        authorities.stream()
            .filter(authority -> isIssuedBy(top, authority))
            .findFirst()
            .orElseThrow(() ->
                new GeneralSecurityException(
                    "ca.crt: does not hold the issuer of "
                        + top.getSubjectX500Principal()
                        + " (expected: the root of the chain in tls.crt)"));
    requirePath(below, anchor, now);
    return new Root(keyed.privateKey(), certificate, below, anchor);
  }

  /** Whether a certificate's signature is that of an issuer's key. */
  public static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Root[" + certificate.getSubjectX500Principal() + "]";
  }

  private static void requireAuthority(X509Certificate certificate, Instant now)
      throws GeneralSecurityException {
    int pathLength = certificate.getBasicConstraints();
    if (pathLength < 0) {
      throw new GeneralSecurityException(
          "tls.crt: not the certificate of an authority (expected: basic constraint CA)");
    }
    if (pathLength == 0) {
      throw new GeneralSecurityException(
          "tls.crt: path length 0 (expected: at least 1, for the intermediate that Heddle makes)");
    }
    boolean[] usage = certificate.getKeyUsage();
    if (usage != null && !usage[KEY_CERT_SIGN]) {
      throw new GeneralSecurityException("tls.crt: key usage lacks keyCertSign");
    }
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      throw new GeneralSecurityException(
          "tls.crt: expired at " + certificate.getNotAfter().toInstant());
    }
    // Refuses keys that nothing is signed with here.
    SignatureAlgorithm.of(certificate.getPublicKey());
  }

  private static boolean isSelfSigned(X509Certificate certificate) {
    return isIssuedBy(certificate, certificate);
  }

  private static List<X509Certificate> withoutRoot(List<X509Certificate> chain) {
    return isSelfSigned(chain.getLast()) ? chain.subList(0, chain.size() - 1) : chain;
  }

  private static void requirePath(List<X509Certificate> path, X509Certificate anchor, Instant now)
      throws GeneralSecurityException {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(now));
    try {
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("tls.crt: does not lead to ca.crt: " + e.getMessage(), e);
    }
  }
}
