package dev.heddle.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Secrets are judged by key. */
final class CertificateSecretTest {
  @Test
  void namesWhatIsMissing() {
    assertThat(CertificateSecret.of("mesh", "root", Optional.empty()))
        .isEqualTo(new CertificateSecret.Missing("mesh/root"));
    assertThat(judge(new SecretBuilder().build()))
        .isEqualTo(new CertificateSecret.Malformed("mesh/root", "tls.crt", "missing"));
    assertThat(judge(secret("certificate", "")))
        .isEqualTo(new CertificateSecret.Malformed("mesh/root", "tls.key", "missing"));
  }

  @Test
  void namesWhatIsNoCertificate() {
    assertThat(judge(secret("certificate", "key")))
        .isEqualTo(new CertificateSecret.Malformed("mesh/root", "tls.crt", "no PEM certificate"));
  }

  private static CertificateSecret judge(Secret secret) {
    return CertificateSecret.of("mesh", "root", Optional.of(secret));
  }

  private static Secret secret(String certificate, String key) {
    return new SecretBuilder()
        .addToData("tls.crt", base64(certificate))
        .addToData("tls.key", base64(key))
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
