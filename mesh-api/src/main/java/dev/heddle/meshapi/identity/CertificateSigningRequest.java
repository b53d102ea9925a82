package dev.heddle.meshapi.identity;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;

/**
 * A PKCS #10 request (RFC 2986) that proves possession of an EC P-256 key and asks for no name: the
 * CA signs the id of the caller's token, whatever a request asks for.
 */
public final class CertificateSigningRequest {
  /** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758 section 3.2). */
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };

  private CertificateSigningRequest() {}

  /** A new EC P-256 key pair. */
  public static KeyPair newKeyPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  /**
   * The DER encoding of a request signed by the key pair.
   *
   * @throws GeneralSecurityException if the key pair cannot sign with ECDSA
   */
  public static byte[] encode(KeyPair keyPair) throws GeneralSecurityException {
    byte[] version = DerWriter.smallInteger(0);
    byte[] noSubject = DerWriter.sequence();
    byte[] noAttributes = DerWriter.contextConstructed(0, new byte[0]);
    byte[] information =
        DerWriter.sequence(version, noSubject, keyPair.getPublic().getEncoded(), noAttributes);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keyPair.getPrivate());
    signature.update(information);
    byte[] algorithm = DerWriter.sequence(DerWriter.objectIdentifier(ECDSA_WITH_SHA256));
    return DerWriter.sequence(information, algorithm, DerWriter.bitString(signature.sign()));
  }
}
