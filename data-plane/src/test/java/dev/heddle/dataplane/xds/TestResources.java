package dev.heddle.dataplane.xds;

import com.google.protobuf.Any;
import dev.heddle.dataplane.xds.translation.YamlResources;
import java.io.IOException;

/** Small resources that hang together. */
public final class TestResources {

  private static final String TYPE = "'@type': type.googleapis.com/envoy.extensions.filters.";

  private TestResources() {}

  /** A listener that forwards bytes to one cluster. */
  public static Any tcpListener(String name, String cluster) throws IOException {
    return listener(name, "network.tcp_proxy.v3.TcpProxy, cluster: '" + cluster + "'");
  }

  /** A listener of HTTP whose routes are asked for by name. */
  public static Any httpListener(String name, String routes) throws IOException {
    return listener(
        name,
        "network.http_connection_manager.v3.HttpConnectionManager, rds: {route_config_name: '"
            + routes
            + "', config_source: {ads: {}}}, http_filters: [{name: r, typed_config: {"
            + TYPE
            + "http.router.v3.Router}}]");
  }

  private static Any listener(String name, String filter) throws IOException {
    return YamlResources.one(
        "listener.v3.Listener",
        "{name: '"
            + name
            + "', bind_to_port: false, traffic_direction: OUTBOUND, address: {socket_address:"
            + " {address: 10.0.0.1, port_value: 80}}, default_filter_chain: {filters: [{name: f,"
            + " typed_config: {"
            + TYPE
            + filter
            + "}}]}}");
  }

  /** Everything to the clusters, in equal shares. */
  public static Any routes(String name, String... clusters) throws IOException {
    StringBuilder weighted = new StringBuilder();
    for (String cluster : clusters) {
      weighted.append("{name: '").append(cluster).append("', weight: 1},");
    }
    return YamlResources.one(
        "route.v3.RouteConfiguration",
        "{name: '"
            + name
            + "', virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix: /}, route:"
            + " {weighted_clusters: {clusters: ["
            + weighted
            + "]}}}]}]}");
  }

  public static Any edsCluster(String name) throws IOException {
    return YamlResources.one(
        "cluster.v3.Cluster",
        "{name: '" + name + "', type: EDS, eds_cluster_config: {eds_config: {ads: {}}}}");
  }

  public static Any endpoints(String cluster, int port) throws IOException {
    return YamlResources.one(
        "endpoint.v3.ClusterLoadAssignment",
        "{cluster_name: '"
            + cluster
            + "', endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address:"
            + " 127.0.0.1, port_value: "
            + port
            + "}}}}]}]}");
  }
}
