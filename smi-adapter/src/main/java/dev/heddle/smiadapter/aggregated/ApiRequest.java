package dev.heddle.smiadapter.aggregated;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request as it comes in.
 *
 * @param chain the client's certificates, its own first; empty without any
 * @param path decoded
 * @param query decoded; of a parameter that is there twice the first
 * @param headers by their names in any case
 */
record ApiRequest(
    String method,
    String path,
    Map<String, String> query,
    Map<String, List<String>> headers,
    List<X509Certificate> chain) {

  /** Copies the collections. */
  ApiRequest {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
    chain = List.copyOf(chain);
  }

  /**
   * The parameters of a query as it was sent.
   *
   * @throws ApiException if one is not encoded well
   */
  static Map<String, String> query(String raw) throws ApiException {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String parameter : raw.split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      String value = equals < 0 ? "" : parameter.substring(equals + 1);
      try {
        parameters.putIfAbsent(
            URLDecoder.decode(name, StandardCharsets.UTF_8),
            URLDecoder.decode(value, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException _) {
        throw ApiException.badRequest(
            "query: " + parameter + " (expected: percent-encoded parameters)");
      }
    }
    parameters.remove("");
    return parameters;
  }

  String parameter(String name) {
    return query.getOrDefault(name, "");
  }

  /** The values of a header in one text. */
  String header(String name) {
    return headers.entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .flatMap(header -> header.getValue().stream())
        .reduce((one, other) -> one + "," + other)
        .orElse("");
  }
}
