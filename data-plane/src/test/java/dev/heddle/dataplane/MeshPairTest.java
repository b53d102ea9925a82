package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.settings.HostAndPort;
import dev.heddle.dataplane.settings.PodSettings;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.dataplane.settings.SidecarSettings;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.dataplane.xds.ScriptedControlPlane;
import dev.heddle.dataplane.xds.translation.YamlResources;
import dev.heddle.meshapi.identity.IdentitySettings;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import dev.heddle.meshapi.process.LogLevel;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two proxies with identities of their own, mutual TLS between them, a CA and control planes in the
 * test's process. Without the pod's redirect the client calls a listener that binds.
 */
final class MeshPairTest {

  private static final String FILTERS = "'@type': type.googleapis.com/envoy.extensions.filters.";
  private static final String SOCKETS =
      "'@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.";
  private static final String COMMON_TLS =
      "tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3},"
          + " tls_certificate_sds_secret_configs: [{name: workload-certificate}]";

  @TempDir private Path directory;

  @Test
  void splitsOverMutualTlsAndRefusesTheWrongIdentity() throws Exception {
    try (TestAuthority authority = TestAuthority.start();
        ScriptedControlPlane clientControl = ScriptedControlPlane.start(adapterTls(authority));
        ScriptedControlPlane serverControl = ScriptedControlPlane.start(adapterTls(authority));
        AppServer v1 = AppServer.start("v1");
        AppServer v2 = AppServer.start("v2");
        Proxy server = sidecar("web", authority, serverControl);
        Proxy client = sidecar("client", authority, clientControl)) {
      // Given
      serve(serverControl, v1.port(), v2.port());
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> server.address("inbound/shop/web") != null);
      InetSocketAddress inbound = address(server, "inbound/shop/web");
      call(clientControl, inbound.getPort(), "web");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> client.address("inbound/shop/client") != null);
      int port = address(client, "inbound/shop/client").getPort();

      // When
      Map<String, Integer> answers = new HashMap<>();
      try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        for (int i = 0; i < 400; i++) {
          HttpResponse<String> response =
              http.send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
                  HttpResponse.BodyHandlers.ofString());
          answers.merge(response.statusCode() + response.body(), 1, Integer::sum);
        }
      }

      // Then
      assertThat(answers).containsOnlyKeys("200v1", "200v2");
      assertThat(answers.get("200v2")).isNotNull().isBetween(15, 75);

      // And an endpoint that proves to be somebody else gets nothing
      int before = v1.requests() + v2.requests();
      call(clientControl, inbound.getPort(), "somebody");
      try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() ->
                http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                                .build(),
                            HttpResponse.BodyHandlers.ofString())
                        .statusCode()
                    == 503);
      }
      assertThat(v1.requests() + v2.requests()).isLessThanOrEqualTo(before + 100);
    }
  }

  private static InetSocketAddress address(Proxy proxy, String listener) {
    InetSocketAddress address = proxy.address(listener);
    assertThat(address).isNotNull();
    return address;
  }

  private static SslContext adapterTls(TestAuthority authority) throws Exception {
    WorkloadCertificate adapter =
        authority.issue(
            SpiffeId.of(TestAuthority.TRUST_DOMAIN, "heddle-system", "heddle-smi-adapter"));
    return MeshTls.server(() -> Optional.of(adapter), TestAuthority.TRUST_DOMAIN);
  }

  private Proxy sidecar(String name, TestAuthority authority, ScriptedControlPlane control)
      throws Exception {
    SpiffeId id = SpiffeId.of(TestAuthority.TRUST_DOMAIN, "shop", name);
    Path state = Files.createDirectory(directory.resolve(name));
    Path token = Files.writeString(directory.resolve(name + ".token"), id.toString());
    return Proxy.sidecar(
        new ProcessSettings(1, false, LogLevel.INFO, Duration.ZERO, 0, null),
        new SidecarSettings(
            new PodSettings(
                InetAddress.getByName("10.0.0.1"),
                id,
                new Workload(name, "Deployment", "shop", name, name, name, "")),
            new IdentitySettings(
                authority.address(), "heddle-system", id, token, authority.trustAnchors(), state),
            new HostAndPort("127.0.0.1", control.port()),
            SpiffeId.of(TestAuthority.TRUST_DOMAIN, "heddle-system", "heddle-smi-adapter"),
            state),
        0);
  }

  /** The server's side: what comes by the mesh's TLS goes 9 to 1 to two apps. */
  private static void serve(ScriptedControlPlane control, int v1, int v2) throws Exception {
    String name = "inbound/shop/web";
    control.send(
        ResourceType.LISTENER,
        name,
        "1",
        YamlResources.one(
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
                + http(
                    "{weighted_clusters: {clusters: [{name: v1, weight: 90}, {name: v2, weight: 10}]}}")
                + "]}]}"));
    control.send(ResourceType.CLUSTER, "v1", "1", cluster("v1", v1, ""));
    control.send(ResourceType.CLUSTER, "v2", "1", cluster("v2", v2, ""));
  }

  /** The client's side: a listener that binds, whose one cluster is the server's proxy. */
  private static void call(ScriptedControlPlane control, int port, String account)
      throws Exception {
    String name = "inbound/shop/client";
    control.send(
        ResourceType.LISTENER,
        name,
        "1",
        YamlResources.one(
            "listener.v3.Listener",
            "{name: "
                + name
                + ", traffic_direction: OUTBOUND, address: {socket_address: {address: 127.0.0.1,"
                + " port_value: 0}}, default_filter_chain: {filters: ["
                + http("{cluster: web}")
                + "]}}"));
    String identity = "spiffe://cluster.local/ns/shop/sa/" + account;
    control.send(
        ResourceType.CLUSTER,
        "web",
        account,
        cluster(
            "web",
            port,
            ", transport_socket_matches: [{name: m, match: {identity: '"
                + identity
                + "'}, transport_socket: {name: tls, typed_config: {"
                + SOCKETS
                + "UpstreamTlsContext, sni: mesh.heddle.internal, common_tls_context: {"
                + COMMON_TLS
                + ", combined_validation_context: {default_validation_context:"
                + " {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: '"
                + identity
                + "'}}]}, validation_context_sds_secret_config: {name: trust-anchors}}}}}}]"));
  }

  private static String http(String action) {
    return "{name: h, typed_config: {"
        + FILTERS
        + "network.http_connection_manager.v3.HttpConnectionManager, route_config: {virtual_hosts:"
        + " [{name: v, domains: ['*'], routes: [{match: {prefix: /}, route: "
        + action
        + "}]}]}, http_filters: [{name: r, typed_config: {"
        + FILTERS
        + "http.router.v3.Router}}]}}";
  }

  private static com.google.protobuf.Any cluster(String name, int port, String more)
      throws Exception {
    String identity = more.isEmpty() ? "" : more.replaceFirst("(?s).*?identity: '([^']*)'.*", "$1");
    String metadata =
        identity.isEmpty()
            ? ""
            : ", metadata: {filter_metadata: {envoy.transport_socket_match: {identity: '"
                + identity
                + "'}}}";
    return YamlResources.one(
        "cluster.v3.Cluster",
        "{name: "
            + name
            + ", type: STATIC, lb_policy: LEAST_REQUEST, load_assignment: {cluster_name: "
            + name
            + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address:"
            + " 127.0.0.1, port_value: "
            + port
            + "}}}"
            + metadata
            + "}]}]}"
            + more
            + "}");
  }
}
