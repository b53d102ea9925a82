package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A root that gives workloads certificates as the mesh's authority does. */
final class WorkloadAuthority {

  private static final X500Principal ROOT = new X500Principal("CN=test root");
  private static final ExtendedKeyUsage BOTH_ENDS =
      new ExtendedKeyUsage(
          new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth});

  private final KeyPair keys = CertificateSigningRequest.newKeyPair();
  private final X509Certificate certificate;

  WorkloadAuthority() throws Exception {
    certificate =
        signed(
            builder(ROOT, keys)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));
  }

  /** What a workload proves itself with, who trusts this authority. */
  WorkloadCertificate workload(SpiffeId id) throws Exception {
    return workloadTrusting(id, this);
  }

  /** What a workload proves itself with, who trusts another authority. */
  WorkloadCertificate workloadTrusting(SpiffeId id, WorkloadAuthority other) throws Exception {
    KeyPair own = CertificateSigningRequest.newKeyPair();
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, id.toString());
    X509Certificate leaf =
        signed(
            builder(new X500Principal(""), own)
                .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, BOTH_ENDS));
    return WorkloadCertificate.of(own.getPrivate(), List.of(leaf), List.of(other.certificate), id);
  }

  private static JcaX509v3CertificateBuilder builder(X500Principal subject, KeyPair own) {
    Instant now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        ROOT,
        new BigInteger(64, new SecureRandom()),
        Date.from(now.minusSeconds(60)),
        Date.from(now.plusSeconds(3600)),
        subject,
        own.getPublic());
  }

  private X509Certificate signed(X509v3CertificateBuilder builder) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }
}
