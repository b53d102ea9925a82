package dev.heddle.e2e.workload;

/** The TrafficTargets and routes of the tests, as a user would write them. */
public final class TrafficTargets {

  public static final String API_VERSION = "access.smi-spec.io/v1alpha3";
  public static final String ROUTES_API_VERSION = "specs.smi-spec.io/v1alpha4";

  private TrafficTargets() {}

  /**
   * A manifest of accounts in the target's own namespace.
   *
   * @param rules in YAML's flow style, such as {@code {kind: TCPRoute, name: any}}
   */
  public static String target(String name, String source, String destination, String... rules) {
    return """
    apiVersion: access.smi-spec.io/v1alpha3
    kind: TrafficTarget
    metadata: {name: %s}
    spec:
      destination: {kind: ServiceAccount, name: %s}
      sources: [{kind: ServiceAccount, name: %s}]
      rules: [%s]
    """
        .formatted(name, destination, source, String.join(", ", rules));
  }

  /** A manifest of a group with these matches, in YAML's flow style. */
  public static String routeGroup(String name, String... matches) {
    return """
    apiVersion: specs.smi-spec.io/v1alpha4
    kind: HTTPRouteGroup
    metadata: {name: %s}
    spec:
      matches: [%s]
    """
        .formatted(name, String.join(", ", matches));
  }

  /** A manifest of a TCPRoute or UDPRoute with these ports, as YAML's flow style has a list. */
  public static String ports(String kind, String name, String ports) {
    return """
    apiVersion: specs.smi-spec.io/v1alpha4
    kind: %s
    metadata: {name: %s}
    spec: {matches: {ports: [%s]}}
    """
        .formatted(kind, name, ports);
  }
}
