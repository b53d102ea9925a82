package dev.heddle.dataplane;

import com.google.protobuf.Any;
import dev.heddle.dataplane.xds.translation.YamlResources;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;

/** What a control plane sends to the two ends of a call in the mesh. */
final class MeshResources {

  static final String FILTERS = "'@type': type.googleapis.com/envoy.extensions.filters.";
  private static final String SOCKETS =
      "'@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.";
  private static final String HTTP_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final String COMMON_TLS =
      "tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3},"
          + " tls_certificate_sds_secret_configs: [{name: workload-certificate}]";

  /** What the two ends speak with each other. */
  enum Protocol {
    HTTP1("http_protocol_options"),
    HTTP2("http2_protocol_options");

    private final String field;

    Protocol(String field) {
      this.field = field;
    }
  }

  private MeshResources() {}

  /**
   * The server's side: what comes by the mesh's TLS is routed.
   *
   * @param route of every request, for example {@code {cluster: app}}
   */
  static Any serverListener(String name, String route) throws IOException {
    return tlsListener(
        name,
        http(
            "route_config: {virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix:"
                + " /}, route: "
                + route
                + "}]}]}"));
  }

  /**
   * The same with any network filter.
   *
   * @param filter in flow style
   */
  static Any tlsListener(String name, String filter) throws IOException {
    return YamlResources.one(
        "listener.v3.Listener",
        "{name: "
            + name
            + ", traffic_direction: INBOUND, address: {socket_address: {address: 127.0.0.1,"
            + " port_value: 0}}, listener_filters: [{name: t, typed_config: {"
            + FILTERS
            + "listener.tls_inspector.v3.TlsInspector}}], filter_chains: [{filter_chain_match:"
            + " {transport_protocol: tls, server_names: [mesh.heddle.internal],"
            + " application_protocols: [h2, http/1.1]}, transport_socket: {name: tls,"
            + " typed_config: {"
            + SOCKETS
            + "DownstreamTlsContext, require_client_certificate: true, common_tls_context: {"
            + COMMON_TLS
            + ", alpn_protocols: [h2, http/1.1], validation_context_sds_secret_config: {name:"
            + " trust-anchors}}}}, filters: ["
            + filter
            + "]}]}");
  }

  /** The client's side: a listener that binds, with routes of their own. */
  static Any clientListener(String name, String routes) throws IOException {
    return plainListener(
        name, http("rds: {config_source: {ads: {}}, route_config_name: " + routes + "}"));
  }

  /**
   * The same with any network filter.
   *
   * @param filter in flow style
   */
  static Any plainListener(String name, String filter) throws IOException {
    return YamlResources.one(
        "listener.v3.Listener",
        "{name: "
            + name
            + ", traffic_direction: OUTBOUND, address: {socket_address: {address: 127.0.0.1,"
            + " port_value: 0}}, default_filter_chain: {filters: ["
            + filter
            + "]}}");
  }

  /**
   * Routes of one virtual host.
   *
   * @param list for example {@code [{match: {prefix: /}, route: {cluster: web}}]}
   */
  static Any routes(String name, String list) throws IOException {
    return YamlResources.one(
        "route.v3.RouteConfiguration",
        "{name: " + name + ", virtual_hosts: [{name: v, domains: ['*'], routes: " + list + "}]}");
  }

  /** The client's cluster of proxies that prove to be of a service account. */
  static Any meshCluster(String name, String account, Protocol protocol) throws IOException {
    return YamlResources.one(
        "cluster.v3.Cluster",
        "{name: "
            + name
            + ", type: EDS, eds_cluster_config: {eds_config: {ads: {}}}, lb_policy: LEAST_REQUEST,"
            + " connect_timeout: 1s, typed_extension_protocol_options: {"
            + HTTP_OPTIONS
            + ": {'@type': type.googleapis.com/"
            + HTTP_OPTIONS
            + ", explicit_http_config: {"
            + protocol.field
            + ": {}}}}, "
            + tlsTo(account)
            + "}");
  }

  /** Fields of a cluster whose endpoints prove to be of a service account. */
  static String tlsTo(String account) {
    String identity = identity(account);
    return "transport_socket_matches: [{name: m, match: {identity: '"
        + identity
        + "'}, transport_socket: {name: tls, typed_config: {"
        + SOCKETS
        + "UpstreamTlsContext, sni: mesh.heddle.internal, common_tls_context: {"
        + COMMON_TLS
        + ", combined_validation_context: {default_validation_context:"
        + " {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: '"
        + identity
        + "'}}]}, validation_context_sds_secret_config: {name: trust-anchors}}}}}}]";
  }

  /** Fields of an endpoint that is spoken to by {@link #tlsTo}. */
  static String metadata(String account) {
    return "metadata: {filter_metadata: {envoy.transport_socket_match: {identity: '"
        + identity(account)
        + "'}}}";
  }

  /** The endpoints of a cluster of the mesh. */
  static Any endpoints(String cluster, String account, List<InetSocketAddress> addresses)
      throws IOException {
    return YamlResources.one(
        "endpoint.v3.ClusterLoadAssignment",
        "{cluster_name: "
            + cluster
            + ", endpoints: [{lb_endpoints: ["
            + addresses.stream()
                .map(address ->
                    "{endpoint: {address: {socket_address: {address: "
                        + address.getAddress().getHostAddress()
                        + ", port_value: "
                        + address.getPort()
                        + "}}}, "
                        + metadata(account)
                        + "}")
                .collect(Collectors.joining(", "))
            + "]}]}");
  }

  /** The server's cluster of the app beside it. */
  static Any appCluster(String name, int port) throws IOException {
    return YamlResources.one(
        "cluster.v3.Cluster",
        "{name: "
            + name
            + ", type: STATIC, load_assignment: {cluster_name: "
            + name
            + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address:"
            + " 127.0.0.1, port_value: "
            + port
            + "}}}}]}]}}");
  }

  private static String identity(String account) {
    return "spiffe://" + TestAuthority.TRUST_DOMAIN + "/ns/shop/sa/" + account;
  }

  private static String http(String routes) {
    return "{name: h, typed_config: {"
        + FILTERS
        + "network.http_connection_manager.v3.HttpConnectionManager, "
        + routes
        + ", http_filters: [{name: r, typed_config: {"
        + FILTERS
        + "http.router.v3.Router}}]}}";
  }
}
