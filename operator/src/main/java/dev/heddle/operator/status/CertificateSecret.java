package dev.heddle.operator.status;

import io.fabric8.kubernetes.api.model.Secret;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Secret of the type {@code kubernetes.io/tls}, as far as it can be judged without its private
 * key.
 */
public sealed interface CertificateSecret {
  String CERTIFICATE = "tls.crt";
  String PRIVATE_KEY = "tls.key";

  /** The issuer's certificates, which a peer verifies the certificate with. */
  String TRUST_ANCHORS = "ca.crt";

  /** Namespace and name, for messages. */
  String id();

  /** There is no such Secret. */
  record Missing(String id) implements CertificateSecret {}

  /**
   * The Secret cannot be used.
   *
   * @param key the key of its data that is wrong
   * @param problem what is wrong with it
   */
  record Malformed(String id, String key, String problem) implements CertificateSecret {}

  /**
   * The Secret can be used.
   *
   * @param expiry when its certificate expires
   * @param trustAnchors the value of {@code ca.crt}, PEM in Base64; absent if it has none
   */
  record Valid(String id, Instant expiry, Optional<String> trustAnchors)
      implements CertificateSecret {}

  /** Judges a Secret that may or may not exist. */
  static CertificateSecret of(String namespace, String name, Optional<Secret> secret) {
    String id = namespace + "/" + name;
    return secret.map(existing -> judge(id, existing)).orElseGet(() -> new Missing(id));
  }

  private static CertificateSecret judge(String id, Secret secret) {
    Map<String, String> data = Objects.requireNonNullElse(secret.getData(), Map.of());
    for (String key : new String[] {CERTIFICATE, PRIVATE_KEY}) {
      if (isAbsent(data.get(key))) {
        return new Malformed(id, key, "missing");
      }
    }
    String trustAnchors = data.get(TRUST_ANCHORS);
    Instant expiry;
    try {
      expiry = parse(Objects.requireNonNull(data.get(CERTIFICATE))).getNotAfter().toInstant();
    } catch (CertificateException | IllegalArgumentException e) {
      return new Malformed(id, CERTIFICATE, "no PEM certificate");
    }
    if (!isAbsent(trustAnchors)) {
      try {
        parse(Objects.requireNonNull(trustAnchors));
      } catch (CertificateException | IllegalArgumentException e) {
        return new Malformed(id, TRUST_ANCHORS, "no PEM certificate");
      }
    }
    return new Valid(id, expiry, Optional.ofNullable(trustAnchors).filter(text -> !text.isEmpty()));
  }

  private static boolean isAbsent(@Nullable String value) {
    return value == null || value.isEmpty();
  }

  private static X509Certificate parse(String base64) throws CertificateException {
    byte[] pem = Base64.getMimeDecoder().decode(base64);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }
}
