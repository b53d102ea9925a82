package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.meshapi.identity.Pem;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/**
 * How the API server says for whom it passes a request on: the ConfigMap {@code
 * kube-system/extension-apiserver-authentication}.
 *
 * @param anchors who signs the certificate of the API server's proxy, and nothing else
 * @param allowedNames common names of that certificate; empty for any
 * @param usernameHeaders the first that is there names the user
 * @param uidHeaders the first that is there has the user's uid
 * @param groupHeaders one header for each group
 * @param extraPrefixes beginnings of the names of headers with further attributes
 */
record RequestHeaderSettings(
    List<X509Certificate> anchors,
    List<String> allowedNames,
    List<String> usernameHeaders,
    List<String> uidHeaders,
    List<String> groupHeaders,
    List<String> extraPrefixes) {

  /** Nobody is trusted. */
  static final RequestHeaderSettings NONE =
      new RequestHeaderSettings(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  private static final String CA = "requestheader-client-ca-file";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  /** Copies the lists. */
  RequestHeaderSettings {
    anchors = List.copyOf(anchors);
    allowedNames = List.copyOf(allowedNames);
    usernameHeaders = List.copyOf(usernameHeaders);
    uidHeaders = List.copyOf(uidHeaders);
    groupHeaders = List.copyOf(groupHeaders);
    extraPrefixes = List.copyOf(extraPrefixes);
  }

  /**
   * Reads the ConfigMap's data.
   *
   * @throws IllegalArgumentException naming the key, if it cannot be read
   */
  static RequestHeaderSettings parse(Map<String, String> data) {
    String authority = data.get(CA);
    if (authority == null || authority.isBlank()) {
      return NONE;
    }
    try {
      return new RequestHeaderSettings(
          Pem.certificates(authority),
          texts(data, "requestheader-allowed-names"),
          texts(data, "requestheader-username-headers"),
          texts(data, "requestheader-uid-headers"),
          texts(data, "requestheader-group-headers"),
          texts(data, "requestheader-extra-headers-prefix"));
    } catch (CertificateException e) {
      throw new IllegalArgumentException(CA + ": " + e.getMessage(), e);
    }
  }

  private static List<String> texts(Map<String, String> data, String key) {
    String text = data.get(key);
    if (text == null || text.isBlank()) {
      return List.of();
    }
    try {
      return JSON.readValue(text, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          key + ": " + text + " (expected: a JSON array of texts)", e);
    }
  }
}
