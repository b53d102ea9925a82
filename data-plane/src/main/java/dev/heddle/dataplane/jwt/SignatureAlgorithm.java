package dev.heddle.dataplane.jwt;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * The signatures that are accepted (RFC 7518, 3): with public keys only. {@code none} and the HMAC
 * family are not among them, so that nobody can sign with what everybody knows.
 */
enum SignatureAlgorithm {
  RS256("SHA256withRSA", "", 0, 0),
  RS384("SHA384withRSA", "", 0, 0),
  RS512("SHA512withRSA", "", 0, 0),
  PS256("RSASSA-PSS", "SHA-256", 32, 0),
  PS384("RSASSA-PSS", "SHA-384", 48, 0),
  PS512("RSASSA-PSS", "SHA-512", 64, 0),
  ES256("SHA256withECDSAinP1363Format", "", 0, 256),
  ES384("SHA384withECDSAinP1363Format", "", 0, 384),
  ES512("SHA512withECDSAinP1363Format", "", 0, 521),
  EdDSA("Ed25519", "", 0, 0);

  private final String name;
  private final String pssDigest;
  private final int saltLength;
  private final int curveBits;

  SignatureAlgorithm(String name, String pssDigest, int saltLength, int curveBits) {
    this.name = name;
    this.pssDigest = pssDigest;
    this.saltLength = saltLength;
    this.curveBits = curveBits;
  }

  static SignatureAlgorithm named(String name) throws InvalidTokenException {
    for (SignatureAlgorithm algorithm : values()) {
      if (algorithm.name().equals(name)) {
        return algorithm;
      }
    }
    throw new InvalidTokenException("Jwt header [alg] is not supported");
  }

  /** Whether a key is of the kind that this algorithm needs. */
  boolean takes(PublicKey key) {
    return switch (this) {
      case RS256, RS384, RS512, PS256, PS384, PS512 -> key instanceof RSAPublicKey;
      case ES256, ES384, ES512 ->
          key instanceof ECPublicKey ec
              && ec.getParams().getCurve().getField().getFieldSize() == curveBits;
      case EdDSA -> key instanceof EdECPublicKey;
    };
  }

  boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(name);
      if (saltLength > 0) {
        verifier.setParameter(
            new PSSParameterSpec(
                pssDigest, "MGF1", new MGF1ParameterSpec(pssDigest), saltLength, 1));
      }
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      // A signature of the wrong shape is a signature that does not verify.
      return false;
    }
  }
}
