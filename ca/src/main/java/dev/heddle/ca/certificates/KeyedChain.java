package dev.heddle.ca.certificates;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A private key and the certificates that state it: what a {@code kubernetes.io/tls} Secret holds.
 *
 * @param privateKey the key of the first certificate
 * @param chain the key's certificate first, then its issuers
 */
public record KeyedChain(PrivateKey privateKey, List<X509Certificate> chain) {
  public KeyedChain {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("chain: empty (expected: at least 1 certificate)");
    }
  }

  public X509Certificate certificate() {
    return chain.getFirst();
  }

  /**
   * Checks that the key is the one the certificate states.
   *
   * @throws GeneralSecurityException if it is not
   */
  void requirePair() throws GeneralSecurityException {
    byte[] probe = certificate().getEncoded();
    Signature signature =
        Signature.getInstance(SignatureAlgorithm.of(certificate().getPublicKey()));
    signature.initSign(privateKey);
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(certificate().getPublicKey());
    signature.update(probe);
    if (!signature.verify(signed)) {
      throw new GeneralSecurityException("the key is not that of the certificate");
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "KeyedChain[" + certificate().getSubjectX500Principal() + "]";
  }
}
