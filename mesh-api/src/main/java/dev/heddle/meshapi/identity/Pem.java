package dev.heddle.meshapi.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The textual encodings of certificates and keys (RFC 7468). */
public final class Pem {
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
  private static final Base64.Encoder ENCODER =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Pem() {}

  /**
   * All certificates in the text, in order; text outside the blocks and blocks of other kinds are
   * skipped.
   *
   * @throws CertificateException if a block does not hold an X.509 certificate
   */
  public static List<X509Certificate> certificates(String text) throws CertificateException {
    return certificates(CERTIFICATE, text);
  }

  static List<X509Certificate> certificates(String label, String text) throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (byte[] der : blocks(label, text)) {
      certificates.add(certificate(der));
    }
    return List.copyOf(certificates);
  }

  /**
   * One certificate from its DER encoding.
   *
   * @throws CertificateException if the bytes are not one X.509 certificate
   */
  public static X509Certificate certificate(byte[] der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /**
   * The only PKCS #8 private key in the text, of an EC key.
   *
   * @throws GeneralSecurityException if there is no such block, more than one, or no EC key in it
   */
  public static PrivateKey privateKey(String text) throws GeneralSecurityException {
    List<byte[]> keys = blocks(PRIVATE_KEY, text);
    if (keys.size() != 1) {
      throw new GeneralSecurityException(
          "blocks BEGIN PRIVATE KEY: " + keys.size() + " (expected: exactly 1)");
    }
    return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(keys.getFirst()));
  }

  public static String encodeCertificates(Collection<X509Certificate> certificates)
      throws CertificateEncodingException {
    return encodeCertificates(CERTIFICATE, certificates);
  }

  static String encodeCertificates(String label, Collection<X509Certificate> certificates)
      throws CertificateEncodingException {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      text.append(encode(label, certificate.getEncoded()));
    }
    return text.toString();
  }

  /** A key as PKCS #8. */
  public static String encodePrivateKey(PrivateKey key) {
    return encode(PRIVATE_KEY, key.getEncoded());
  }

  private static String encode(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + ENCODER.encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  private static List<byte[]> blocks(String label, String text) {
    List<byte[]> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1).equals(label)) {
        try {
          blocks.add(Base64.getMimeDecoder().decode(matcher.group(2)));
        } catch (IllegalArgumentException e) {
          // Kept as an empty block: the caller's parser refuses it with its own, more telling
          // exception.
          blocks.add(new byte[0]);
        }
      }
    }
    return blocks;
  }
}
