package dev.heddle.ca.certificates;

import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/** Which signature algorithm goes with an issuer's key. */
final class SignatureAlgorithm {
  private static final int LEAST_RSA_BITS = 2048;

  private SignatureAlgorithm() {}

  /**
   * The JCA name.
   *
   * @throws InvalidKeyException if certificates are not signed with such a key here
   */
  static String of(PublicKey key) throws InvalidKeyException {
    return switch (key) {
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() <= 256 -> "SHA256withECDSA";
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() <= 384 -> "SHA384withECDSA";
      case ECPublicKey _ -> "SHA512withECDSA";
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= LEAST_RSA_BITS -> "SHA256withRSA";
      default ->
          throw new InvalidKeyException(
              "key: " + key.getAlgorithm() + " (expected: EC, or RSA of at least 2048 bits)");
    };
  }
}
