package dev.heddle.dataplane.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the proxy serves by at one moment. A listener is in here only when all that it names
 * is (warming), or when the control plane has said that it does not exist.
 *
 * @param version grows with every swap; for logs and the admin page
 * @param listeners by name
 * @param routes by name
 * @param clusters by name
 * @param endpoints by cluster name
 */
public record ProxyConfiguration(
    long version,
    Map<String, Listener> listeners,
    Map<String, RouteConfiguration> routes,
    Map<String, Cluster> clusters,
    Map<String, EndpointAssignment> endpoints) {

  public static final ProxyConfiguration EMPTY =
      new ProxyConfiguration(0, Map.of(), Map.of(), Map.of(), Map.of());

  public ProxyConfiguration {
    listeners = Map.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = Map.copyOf(clusters);
    endpoints = Map.copyOf(endpoints);
  }

  public @Nullable RouteConfiguration route(String name) {
    return routes.get(name);
  }

  public @Nullable Cluster cluster(String name) {
    return clusters.get(name);
  }

  public EndpointAssignment endpoints(String cluster) {
    return endpoints.getOrDefault(cluster, EndpointAssignment.NONE);
  }
}
