package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.bootstrap.InvalidBootstrapException;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the benchmarks are served by: one listener with the routes of a service of some size, one
 * cluster of ten endpoints.
 */
final class Served {
  static final String CLUSTER = "web";

  private static final int ROUTES = 20;
  private static final int ENDPOINTS = 10;
  private static final String TYPE = "type.googleapis.com/envoy.extensions.filters.";

  private Served() {}

  static ProxyConfiguration configuration() {
    try {
      Path file = Files.createTempFile("heddle-microbenchmark", ".yaml");
      try {
        Files.writeString(file, bootstrap());
        return BootstrapReader.read(file).resources();
      } finally {
        Files.delete(file);
      }
    } catch (IOException | InvalidBootstrapException e) {
      throw new IllegalStateException(e);
    }
  }

  static Listener listener(ProxyConfiguration configuration) {
    return configuration.listeners().values().iterator().next();
  }

  static RouteConfiguration routes(ProxyConfiguration configuration) {
    TerminalFilter filter = listener(configuration).filterChains().getFirst().terminalFilter();
    if (filter instanceof TerminalFilter.HttpConnectionManager manager
        && manager.routes() instanceof TerminalFilter.RouteSource.Inline inline) {
      return inline.routes();
    }
    throw new IllegalStateException("no inline routes: " + filter);
  }

  private static String bootstrap() {
    StringBuilder routes = new StringBuilder();
    for (int i = 0; i < ROUTES - 1; i++) {
      routes.append(route("{prefix: /service-" + i + "/, headers: [{name: x-version}]}"));
    }
    routes.append(route("{prefix: /}"));
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < ENDPOINTS; i++) {
      endpoints
          .append("        - endpoint: {address: {socket_address: {address: 10.0.0.")
          .append(i + 1)
          .append(", port_value: 8080}}}\n");
    }
    return """
    static_resources:
      listeners:
      - name: outbound
        address: {socket_address: {address: 127.0.0.1, port_value: 15001}}
        traffic_direction: OUTBOUND
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": %1$snetwork.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: web
              http_filters:
              - name: envoy.filters.http.router
                typed_config: {"@type": %1$shttp.router.v3.Router}
              route_config:
                name: web
                virtual_hosts:
                - name: web
                  domains: ["*"]
                  routes:
    %2$s
      clusters:
      - name: %3$s
        type: STATIC
        lb_policy: LEAST_REQUEST
        load_assignment:
          cluster_name: %3$s
          endpoints:
          - lb_endpoints:
    %4$s
    """
        .formatted(TYPE, routes, CLUSTER, endpoints);
  }

  private static String route(String match) {
    return "              - {match: " + match + ", route: {cluster: " + CLUSTER + "}}\n";
  }
}
