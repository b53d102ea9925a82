package dev.heddle.ca.certificates;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/**
 * A verified PKCS #10 request: proof that whoever made it has the private key. Names and attributes
 * in it are not even looked at.
 *
 * @param publicKey an EC P-256 key
 */
public record SigningRequest(PublicKey publicKey) {
  private static final int MAX_BYTES = 8 * 1024;

  /**
   * Parses and verifies.
   *
   * @throws InvalidRequestException saying what is refused
   */
  public static SigningRequest verify(byte[] der) throws InvalidRequestException {
    if (der.length == 0 || der.length > MAX_BYTES) {
      throw new InvalidRequestException(
          "certificate_signing_request: "
              + der.length
              + " bytes (expected: 1 to "
              + MAX_BYTES
              + ")");
    }
    try {
      PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
      requireDistinguishedEncoding(request, der);
      requireKeyOnCurve(request.getSubjectPublicKeyInfo());
      return new SigningRequest(verifiedKey(request));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new InvalidRequestException(
          "certificate_signing_request: not readable (expected: PKCS #10 in DER with an EC P-256 key)",
          e);
    }
  }

  /**
   * What is signed and what is read must be the same bytes; other encodings of them are of no good
   * will.
   */
  private static void requireDistinguishedEncoding(PKCS10CertificationRequest request, byte[] der)
      throws IOException, InvalidRequestException {
    if (!Arrays.equals(request.toASN1Structure().getEncoded("DER"), der)
        || request.toASN1Structure().getSignature().getPadBits() != 0) {
      throw new InvalidRequestException(
          "certificate_signing_request: not in DER (expected: PKCS #10 in DER)");
    }
  }

  private static void requireKeyOnCurve(SubjectPublicKeyInfo key) throws InvalidRequestException {
    ASN1ObjectIdentifier algorithm = key.getAlgorithm().getAlgorithm();
    if (!algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)
        || !SECObjectIdentifiers.secp256r1.equals(key.getAlgorithm().getParameters())) {
      throw new InvalidRequestException(
          "certificate_signing_request: key of algorithm " + algorithm + " (expected: EC P-256)");
    }
    // Throws for a point that is not on the curve.
    if (CustomNamedCurves.getByOID(SECObjectIdentifiers.secp256r1)
        .getCurve()
        .decodePoint(key.getPublicKeyData().getBytes())
        .isInfinity()) {
      throw new InvalidRequestException(
          "certificate_signing_request: key is the point at infinity (expected: EC P-256)");
    }
  }

  private static PublicKey verifiedKey(PKCS10CertificationRequest request)
      throws GeneralSecurityException, IOException, InvalidRequestException {
    ASN1ObjectIdentifier algorithm = request.getSignatureAlgorithm().getAlgorithm();
    if (!algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)) {
      throw new InvalidRequestException(
          "certificate_signing_request: signature of algorithm "
              + algorithm
              + " (expected: ecdsa-with-SHA256)");
    }
    PublicKey key =
        KeyFactory.getInstance("EC")
            .generatePublic(new X509EncodedKeySpec(request.getSubjectPublicKeyInfo().getEncoded()));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initVerify(key);
    signature.update(request.toASN1Structure().getCertificationRequestInfo().getEncoded("DER"));
    if (!signature.verify(request.getSignature())) {
      throw new InvalidRequestException(
          "certificate_signing_request: the signature is not that of the key in it");
    }
    return key;
  }
}
