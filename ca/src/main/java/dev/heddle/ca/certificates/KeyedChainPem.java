package dev.heddle.ca.certificates;

import dev.heddle.meshapi.identity.Pem;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/**
 * Reads {@code tls.crt} and {@code tls.key}; keys as PKCS #8, SEC 1 or PKCS #1, as cert-manager and
 * openssl write them.
 */
public final class KeyedChainPem {
  private static final int MAX_CHAIN = 8;

  private KeyedChainPem() {}

  /**
   * Key and chain, checked to belong together.
   *
   * @throws GeneralSecurityException naming what is wrong with which of the two
   */
  public static KeyedChain parse(String certificates, String key) throws GeneralSecurityException {
    List<X509Certificate> chain = certificates("tls.crt", certificates);
    if (chain.size() > MAX_CHAIN) {
      throw new GeneralSecurityException(
          "tls.crt: " + chain.size() + " certificates (expected: at most " + MAX_CHAIN + ")");
    }
    KeyedChain keyed = new KeyedChain(privateKey(key), chain);
    try {
      keyed.requirePair();
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("tls.key: " + e.getMessage(), e);
    }
    return keyed;
  }

  /**
   * At least one certificate.
   *
   * @param name of the Secret's key, for messages
   */
  public static List<X509Certificate> certificates(String name, String text)
      throws GeneralSecurityException {
    List<X509Certificate> certificates;
    try {
      certificates = Pem.certificates(text);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException(name + ": not readable: " + e.getMessage(), e);
    }
    if (certificates.isEmpty()) {
      throw new GeneralSecurityException(name + ": no certificate (expected: PEM certificates)");
    }
    return certificates;
  }

  private static PrivateKey privateKey(String text) throws GeneralSecurityException {
    String expected = "tls.key: not readable (expected: an unencrypted EC or RSA key in PEM)";
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object read = parser.readObject(); read != null; read = parser.readObject()) {
        switch (read) {
          case PEMKeyPair pair -> {
            return privateKey(pair.getPrivateKeyInfo());
          }
          case PrivateKeyInfo information -> {
            return privateKey(information);
          }
          default -> {
            // openssl writes the curve's parameters in a block before the key.
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      // The parser's message is left out: it may repeat parts of the key.
      throw new GeneralSecurityException(expected);
    }
    throw new GeneralSecurityException(expected);
  }

  private static PrivateKey privateKey(PrivateKeyInfo information)
      throws GeneralSecurityException, IOException {
    var identifier = information.getPrivateKeyAlgorithm().getAlgorithm();
    String algorithm;
    if (identifier.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      algorithm = "EC";
    } else if (identifier.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      algorithm = "RSA";
    } else {
      throw new GeneralSecurityException(
          "tls.key: algorithm " + identifier + " (expected: EC or RSA)");
    }
    return KeyFactory.getInstance(algorithm)
        .generatePrivate(new PKCS8EncodedKeySpec(information.getEncoded()));
  }
}
