package dev.heddle.smiadapter.smi;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** The kinds of SMI, each in the version that is watched. */
enum SmiKind {
  TRAFFIC_SPLIT("split.smi-spec.io", "v1alpha4", "TrafficSplit", "trafficsplits"),
  TRAFFIC_TARGET("access.smi-spec.io", "v1alpha3", "TrafficTarget", "traffictargets"),
  HTTP_ROUTE_GROUP("specs.smi-spec.io", "v1alpha4", "HTTPRouteGroup", "httproutegroups"),
  TCP_ROUTE("specs.smi-spec.io", "v1alpha4", "TCPRoute", "tcproutes"),
  UDP_ROUTE("specs.smi-spec.io", "v1alpha4", "UDPRoute", "udproutes");

  private final String group;
  private final String version;
  private final String kind;
  private final String plural;

  SmiKind(String group, String version, String kind, String plural) {
    this.group = group;
    this.version = version;
    this.kind = kind;
    this.plural = plural;
  }

  String apiVersion() {
    return group + "/" + version;
  }

  String kind() {
    return kind;
  }

  ResourceDefinitionContext definition() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
