package dev.heddle.meshapi.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.RepeatedTest;

class CertificateSigningRequestTest {
  /** Repeated, because the lengths inside an ECDSA signature vary. */
  @RepeatedTest(20)
  void isWhatAnotherImplementationReads() throws Exception {
    KeyPair pair = CertificateSigningRequest.newKeyPair();

    byte[] der = CertificateSigningRequest.encode(pair);

    PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
    assertThat(request.getEncoded()).isEqualTo(der);
    assertThat(request.getSubject().getRDNs()).isEmpty();
    assertThat(request.getAttributes()).isEmpty();
    assertThat(request.getSubjectPublicKeyInfo().getEncoded())
        .isEqualTo(pair.getPublic().getEncoded());
    assertThat(
            request.isSignatureValid(
                new JcaContentVerifierProviderBuilder().build(pair.getPublic())))
        .isTrue();
  }
}
