package dev.heddle.ca.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.identity.CertificateSigningRequest;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;

class SigningRequestTest {
  @Test
  void acceptsWhatWorkloadsSend() throws Exception {
    KeyPair keys = CertificateSigningRequest.newKeyPair();

    assertThat(SigningRequest.verify(CertificateSigningRequest.encode(keys)).publicKey())
        .isEqualTo(keys.getPublic());
  }

  @Test
  void refusesAnotherCurve() throws Exception {
    assertRefused(request(ec("secp384r1"), "SHA256withECDSA"), "expected: EC P-256");
  }

  @Test
  void refusesRsa() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);

    assertRefused(request(generator.generateKeyPair(), "SHA256withRSA"), "expected: EC P-256");
  }

  @Test
  void refusesAWeakSignatureAlgorithm() throws Exception {
    assertRefused(
        request(CertificateSigningRequest.newKeyPair(), "SHA1withECDSA"),
        "expected: ecdsa-with-SHA256");
  }

  @Test
  void refusesASignatureOfAnotherKey() throws Exception {
    KeyPair victim = CertificateSigningRequest.newKeyPair();
    KeyPair attacker = CertificateSigningRequest.newKeyPair();

    assertRefused(
        CertificateSigningRequest.encode(new KeyPair(victim.getPublic(), attacker.getPrivate())),
        "the signature is not that of the key in it");
  }

  @Test
  void refusesAnyChangedByte() throws Exception {
    byte[] der = CertificateSigningRequest.encode(CertificateSigningRequest.newKeyPair());
    for (int i = 0; i < der.length; i++) {
      byte[] changed = der.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> SigningRequest.verify(changed))
          .as("byte " + i)
          .isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void refusesWhatIsEmptyTooLongOrNoRequest() {
    assertRefused(new byte[0], "0 bytes");
    assertRefused(new byte[8193], "8193 bytes");
    assertRefused(new byte[] {0x30, (byte) 0x84, 0x7f, -1, -1, -1}, "not readable");
  }

  private static KeyPair ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static byte[] request(KeyPair keys, String algorithm) throws Exception {
    return new JcaPKCS10CertificationRequestBuilder(new X500Principal(""), keys.getPublic())
        .build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate()))
        .getEncoded();
  }

  private static void assertRefused(byte[] der, String reason) {
    assertThatThrownBy(() -> SigningRequest.verify(der))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining(reason);
  }
}
