package dev.heddle.dataplane.xds;

import org.jspecify.annotations.Nullable;

/** The types of resources that are asked for, in the order in which a listener needs them. */
public enum ResourceType {
  LISTENER("listener", "type.googleapis.com/envoy.config.listener.v3.Listener"),
  ROUTES("routes", "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"),
  CLUSTER("cluster", "type.googleapis.com/envoy.config.cluster.v3.Cluster"),
  ENDPOINTS("endpoints", "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment");

  private final String label;
  private final String url;

  ResourceType(String label, String url) {
    this.label = label;
    this.url = url;
  }

  /** For logs and metrics. */
  public String label() {
    return label;
  }

  public String url() {
    return url;
  }

  /** Null for a type that is not asked for. */
  static @Nullable ResourceType of(String url) {
    for (ResourceType type : values()) {
      if (type.url.equals(url)) {
        return type;
      }
    }
    return null;
  }
}
