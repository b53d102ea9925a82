package dev.heddle.e2e.workload;

import java.util.Map;
import java.util.stream.Collectors;

/** The TrafficSplits of the tests, as a user would write them. */
public final class TrafficSplits {

  public static final String API_VERSION = "split.smi-spec.io/v1alpha4";

  private TrafficSplits() {}

  /** A manifest with the backends in the map's order. */
  public static String split(String name, String service, Map<String, Integer> weights) {
    return """
    apiVersion: split.smi-spec.io/v1alpha4
    kind: TrafficSplit
    metadata:
      name: %s
    spec:
      service: %s
      backends:
    %s
    """
        .formatted(
            name,
            service,
            weights.entrySet().stream()
                .map(backend ->
                    "  - {service: " + backend.getKey() + ", weight: " + backend.getValue() + "}")
                .collect(Collectors.joining("\n")));
  }
}
