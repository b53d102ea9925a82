package dev.heddle.e2e.mesh;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * A root that somebody else's certificate authority made.
 *
 * @param certificate self-signed
 * @param keys EC P-256
 */
public record RootCertificate(X509Certificate certificate, KeyPair keys) {

  private static final Duration LIFETIME = Duration.ofDays(30);

  /** A new one. */
  public static RootCertificate make(String commonName) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      X500Principal name = new X500Principal("CN=" + commonName);
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(now.toEpochMilli()),
              Date.from(now.minusSeconds(60)),
              Date.from(now.plus(LIFETIME)),
              name,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
      return new RootCertificate(certificate, keys);
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException failed) {
      throw new IllegalStateException("cannot make a root certificate", failed);
    }
  }

  /** The Secret that cert-manager writes for a Certificate with {@code isCA: true}. */
  public Secret secret(String name) {
    try {
      String chain = pem("CERTIFICATE", certificate.getEncoded());
      return new SecretBuilder()
          .withNewMetadata()
          .withName(name)
          .endMetadata()
          .withType("kubernetes.io/tls")
          .withData(
              Map.of(
                  "tls.crt", base64(chain),
                  "tls.key", base64(pem("PRIVATE KEY", keys.getPrivate().getEncoded())),
                  "ca.crt", base64(chain)))
          .build();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException("cannot encode the root certificate", failed);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String pem(String type, byte[] content) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, content));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return text.toString();
  }
}
