package dev.heddle.dataplane.loopback;

import dev.heddle.meshapi.identity.Pem;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes workload certificates under a root of its own. */
public final class MeshAuthority {
  private static final X500Name ROOT = new X500Name("CN=root");

  private final KeyPair key;
  private final X509Certificate root;

  private MeshAuthority(Instant notBefore, Instant notAfter) {
    try {
      key = newKey();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              ROOT, serial(), Date.from(notBefore), Date.from(notAfter), ROOT, key.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
      root = sign(builder);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  public static MeshAuthority create() {
    Instant now = Instant.now();
    return new MeshAuthority(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)));
  }

  /** One whose root has expired a minute ago. */
  public static MeshAuthority expired() {
    Instant now = Instant.now();
    return new MeshAuthority(now.minus(Duration.ofDays(1)), now.minus(Duration.ofMinutes(1)));
  }

  public X509Certificate root() {
    return root;
  }

  public static SpiffeId id(String serviceAccount) {
    return SpiffeId.of("cluster.local", "test", serviceAccount);
  }

  /** A certificate over a new key, trusting this authority alone. */
  public WorkloadCertificate issue(String serviceAccount) {
    return issue(serviceAccount, List.of(root));
  }

  /** A certificate over a new key that is valid for an hour. */
  public WorkloadCertificate issue(String serviceAccount, List<X509Certificate> trustAnchors) {
    return issue(serviceAccount, trustAnchors, Duration.ofHours(1));
  }

  /** A certificate over a new key, trusting this authority alone, that is valid for so long. */
  public WorkloadCertificate issue(String serviceAccount, Duration validity) {
    return issue(serviceAccount, List.of(root), validity);
  }

  private WorkloadCertificate issue(
      String serviceAccount, List<X509Certificate> trustAnchors, Duration validity) {
    try {
      KeyPair leafKey = newKey();
      SpiffeId id = id(serviceAccount);
      Instant now = Instant.now();
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              ROOT,
              serial(),
              Date.from(now.minusSeconds(60)),
              Date.from(now.plus(validity)),
              new X500Name(""),
              leafKey.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString())));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      return WorkloadCertificate.of(leafKey.getPrivate(), List.of(sign(builder)), trustAnchors, id);
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate sign(X509v3CertificateBuilder builder)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return Pem.certificate(
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
            .getEncoded());
  }

  private static BigInteger serial() {
    return new BigInteger(64, new SecureRandom());
  }

  private static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }
}
