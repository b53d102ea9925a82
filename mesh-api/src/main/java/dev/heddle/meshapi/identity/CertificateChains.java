package dev.heddle.meshapi.identity;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Verifies the certificate of a workload: path validation of RFC 5280, then what an X.509-SVID must
 * be.
 */
final class CertificateChains {
  /**
   * Leaf, intermediates of ours and of the user's own hierarchy; more than this nobody of good will
   * sends.
   */
  static final int MAX_LENGTH = 6;

  private static final int DIGITAL_SIGNATURE = 0;

  /** What the leaf is used for. */
  enum Purpose {
    CLIENT("1.3.6.1.5.5.7.3.2"),
    SERVER("1.3.6.1.5.5.7.3.1");

    private final String extendedKeyUsage;

    Purpose(String extendedKeyUsage) {
      this.extendedKeyUsage = extendedKeyUsage;
    }
  }

  private CertificateChains() {}

  /**
   * The identity that a chain proves.
   *
   * @param chain the leaf first
   * @throws CertificateException saying why it proves none
   */
  static SpiffeId verify(
      List<X509Certificate> chain, Collection<X509Certificate> trustAnchors, Purpose purpose)
      throws CertificateException {
    if (chain.isEmpty() || chain.size() > MAX_LENGTH) {
      throw new CertificateException(
          "certificates in the chain: " + chain.size() + " (expected: 1 to " + MAX_LENGTH + ")");
    }
    if (trustAnchors.isEmpty()) {
      throw new CertificateException("there is no trust anchor to verify the peer with");
    }
    verifyPath(chain, trustAnchors);
    X509Certificate leaf = chain.getFirst();
    if (leaf.getBasicConstraints() >= 0) {
      throw new CertificateException("the leaf is the certificate of an authority");
    }
    boolean[] keyUsage = leaf.getKeyUsage();
    if (keyUsage == null || !keyUsage[DIGITAL_SIGNATURE]) {
      throw new CertificateException("the leaf's key usage lacks digitalSignature");
    }
    List<String> usages = leaf.getExtendedKeyUsage();
    if (usages == null || !usages.contains(purpose.extendedKeyUsage)) {
      throw new CertificateException(
          "the leaf's extended key usage lacks that of a TLS " + purpose.name());
    }
    return SpiffeId.fromCertificate(leaf);
  }

  private static void verifyPath(
      List<X509Certificate> chain, Collection<X509Certificate> trustAnchors)
      throws CertificateException {
    Set<TrustAnchor> anchors =
        trustAnchors.stream()
            .map(anchor -> new TrustAnchor(anchor, null))
            .collect(Collectors.toUnmodifiableSet());
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      // Workload certificates are short-lived instead of revoked.
      parameters.setRevocationEnabled(false);
      CertPathValidator.getInstance("PKIX")
          .validate(
              CertificateFactory.getInstance("X.509")
                  .generateCertPath(withoutAnchor(chain, trustAnchors)),
              parameters);
    } catch (GeneralSecurityException e) {
      throw new CertificateException(
          "the chain does not lead to a trust anchor: " + e.getMessage(), e);
    }
  }

  /** Some servers send their root along; PKIX wants the path to end below it. */
  private static List<X509Certificate> withoutAnchor(
      List<X509Certificate> chain, Collection<X509Certificate> trustAnchors) {
    return chain.size() > 1 && trustAnchors.contains(chain.getLast())
        ? chain.subList(0, chain.size() - 1)
        : chain;
  }
}
