package dev.heddle.smiadapter.aggregated;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** How a client wants objects, chosen by its Accept header. */
sealed interface Representation {

  /** As they are. */
  record Plain() implements Representation {}

  /**
   * As a table.
   *
   * @param version of {@code meta.k8s.io}
   */
  record Table(String version) implements Representation {}

  /** As the discovery document of all groups in one, in version 2. */
  record AggregatedDiscovery() implements Representation {}

  String JSON = "application/json";
  String DISCOVERY_GROUP = "apidiscovery.k8s.io";

  /**
   * The first one in the header that can be given; any without a header.
   *
   * @throws ApiException if none can
   */
  static Representation of(String accept) throws ApiException {
    if (accept.isBlank()) {
      return new Plain();
    }
    return Arrays.stream(accept.split(",", -1))
        .flatMap(Representation::offered)
        .findFirst()
        .orElseThrow(() -> ApiException.notAcceptable(accept));
  }

  private static Stream<Representation> offered(String range) {
    List<String> parts = Arrays.stream(range.split(";", -1)).map(String::strip).toList();
    String type = parts.getFirst().toLowerCase(Locale.ROOT);
    if (!List.of(JSON, "application/*", "*/*").contains(type)) {
      return Stream.empty();
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parameters.put(part.substring(0, equals), part.substring(equals + 1));
      }
    }
    String form = parameters.getOrDefault("as", "");
    String group = parameters.getOrDefault("g", "");
    String version = parameters.getOrDefault("v", "");
    if (form.isEmpty()) {
      return Stream.of(new Plain());
    }
    if (form.equals("Table")
        && group.equals("meta.k8s.io")
        && List.of("v1", "v1beta1").contains(version)) {
      return Stream.of(new Table(version));
    }
    return form.equals("APIGroupDiscoveryList")
            && group.equals(DISCOVERY_GROUP)
            && version.equals("v2")
        ? Stream.of(new AggregatedDiscovery())
        : Stream.empty();
  }
}
