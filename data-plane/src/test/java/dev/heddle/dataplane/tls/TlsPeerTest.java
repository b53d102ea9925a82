package dev.heddle.dataplane.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.meshapi.identity.Pem;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

final class TlsPeerTest {

  @Test
  void namesUrisThenDnsNamesThenTheSubject() throws Exception {
    KeyPair key = KeyPairGenerator.getInstance("EC").generateKeyPair();
    X500Name subject = new X500Name("CN=web,O=shop");
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            subject,
            BigInteger.ONE,
            Date.from(now),
            Date.from(now.plusSeconds(60)),
            subject,
            key.getPublic());
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, "web.shop.example"),
              new GeneralName(GeneralName.iPAddress, "10.0.0.1"),
              new GeneralName(GeneralName.uniformResourceIdentifier, "urn:web"),
            }));
    assertThat(
            TlsPeer.principals(
                Pem.certificate(
                    builder
                        .build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                        .getEncoded())))
        .containsExactly("urn:web", "web.shop.example", "O=shop,CN=web");
  }
}
