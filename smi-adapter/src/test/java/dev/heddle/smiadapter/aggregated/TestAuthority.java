package dev.heddle.smiadapter.aggregated;

import dev.heddle.meshapi.identity.CertificateSigningRequest;
import dev.heddle.meshapi.identity.Pem;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of a cluster. */
final class TestAuthority {

  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final KeyPair keys = CertificateSigningRequest.newKeyPair();
  private final X500Principal subject;
  private final X509Certificate certificate;

  TestAuthority(String name) throws Exception {
    this.subject = new X500Principal("CN=" + name);
    JcaX509v3CertificateBuilder builder = builder(subject, keys, Instant.now());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    this.certificate = signed(builder);
  }

  X509Certificate certificate() {
    return certificate;
  }

  String pem() throws CertificateEncodingException {
    return Pem.encodeCertificates(List.of(certificate));
  }

  /** What a client of this common name proves itself with. */
  KeyManager[] client(String commonName) throws Exception {
    return issue(commonName, KeyPurposeId.id_kp_clientAuth, Instant.now());
  }

  KeyManager[] expiredClient(String commonName) throws Exception {
    return issue(commonName, KeyPurposeId.id_kp_clientAuth, Instant.now().minusSeconds(7200));
  }

  /** What a server at localhost proves itself with. */
  KeyManager[] server() throws Exception {
    return issue("localhost", KeyPurposeId.id_kp_serverAuth, Instant.now());
  }

  private KeyManager[] issue(String commonName, KeyPurposeId purpose, Instant now)
      throws Exception {
    KeyPair own = CertificateSigningRequest.newKeyPair();
    JcaX509v3CertificateBuilder builder = builder(new X500Principal("CN=" + commonName), own, now);
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.dNSName, "localhost")));
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry(
        "key", own.getPrivate(), new char[0], new X509Certificate[] {signed(builder), certificate});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private JcaX509v3CertificateBuilder builder(X500Principal name, KeyPair own, Instant now) {
    return new JcaX509v3CertificateBuilder(
        subject,
        BigInteger.valueOf(SERIAL.getAndIncrement()),
        Date.from(now.minusSeconds(60)),
        Date.from(now.plusSeconds(3600)),
        name,
        own.getPublic());
  }

  private X509Certificate signed(JcaX509v3CertificateBuilder builder) throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }
}
