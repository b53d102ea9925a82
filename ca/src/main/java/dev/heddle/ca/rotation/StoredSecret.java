package dev.heddle.ca.rotation;

import java.util.Map;

/**
 * A Secret of type {@code kubernetes.io/tls}.
 *
 * @param version what the API server calls {@code resourceVersion}; empty for one that is not
 *     stored yet
 * @param data its texts, decoded
 */
public record StoredSecret(
    String name, String version, Map<String, String> data, Map<String, String> annotations) {
  static final String CERTIFICATE = "tls.crt";
  static final String KEY = "tls.key";
  static final String AUTHORITY = "ca.crt";

  public StoredSecret {
    data = Map.copyOf(data);
    annotations = Map.copyOf(annotations);
  }

  /** Without its data. */
  @Override
  public String toString() {
    return "StoredSecret[" + name + "]";
  }
}
