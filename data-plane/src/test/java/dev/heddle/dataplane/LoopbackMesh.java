package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.loopback.WorkloadTls;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * Two whole sidecar proxies on loopback, as one request meets them: the client's, the server's,
 * mutual TLS between them, then an app that the test brings. Without the pod's redirect the client
 * calls a listener that binds.
 */
public final class LoopbackMesh implements AutoCloseable {
  private static final String CLIENT = "inbound/shop/client";
  private static final String SERVER = "inbound/shop/web";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What the server's proxy speaks to the app. */
  public enum AppProtocol {
    HTTP1,
    HTTP2,
    SAME_AS_REQUEST
  }

  private final TestAuthority authority;
  private final ScriptedControlPlane clientControl;
  private final ScriptedControlPlane serverControl;
  private final Proxy server;
  private final Proxy client;
  private int expectations;

  /**
   * An app behind the server's proxy.
   *
   * @param weight of its share
   */
  public record App(String name, int port, int weight) {}

  private LoopbackMesh(
      Path directory,
      List<App> apps,
      AppProtocol protocol,
      String serverFilters,
      String serverAction)
      throws Exception {
    authority = TestAuthority.start();
    clientControl = ScriptedControlPlane.start(adapterTls());
    serverControl = ScriptedControlPlane.start(adapterTls());
    server = sidecar(directory, "web", serverControl);
    client = sidecar(directory, "client", clientControl);
    serve(apps, protocol, serverFilters, serverAction);
    await().atMost(PATIENCE).until(() -> server.address(SERVER) != null);
    listen();
    expect("web");
    await().atMost(PATIENCE).until(() -> client.address(CLIENT) != null);
  }

  /**
   * Starts both proxies; they serve when this returns.
   *
   * @param directory where they may keep their state
   */
  public static LoopbackMesh start(Path directory, InetSocketAddress app, AppProtocol protocol)
      throws Exception {
    return new LoopbackMesh(directory, alone(app), protocol, "", "");
  }

  /** The same with several apps that share the requests, over HTTP/1. */
  public static LoopbackMesh splitting(Path directory, List<App> apps) throws Exception {
    return new LoopbackMesh(directory, apps, AppProtocol.HTTP1, "", "");
  }

  /** The same for an app that serves nobody who calls it by another address than its own. */
  public static LoopbackMesh rewritingHost(
      Path directory, InetSocketAddress app, AppProtocol protocol) throws Exception {
    return new LoopbackMesh(
        directory,
        alone(app),
        protocol,
        "",
        ", host_rewrite_literal: '127.0.0.1:" + app.getPort() + "'");
  }

  /**
   * The same with an access policy at the server's side.
   *
   * @param rules of an {@code envoy.config.rbac.v3.RBAC}, as YAML in one line
   */
  public static LoopbackMesh enforcing(
      Path directory, InetSocketAddress app, AppProtocol protocol, String rules) throws Exception {
    return new LoopbackMesh(
        directory,
        alone(app),
        protocol,
        "{name: rbac, typed_config: {"
            + MeshResources.FILTERS
            + "http.rbac.v3.RBAC, rules: "
            + rules
            + "}}, ",
        "");
  }

  private static List<App> alone(InetSocketAddress app) {
    return List.of(new App("app", app.getPort(), 1));
  }

  /** Where the client's own app reaches its proxy: plaintext, HTTP/1 or HTTP/2. */
  public InetSocketAddress clientSide() {
    return address(client, CLIENT);
  }

  /** Where other proxies reach the server's proxy: mutual TLS. */
  public InetSocketAddress serverSide() {
    return address(server, SERVER);
  }

  /** TLS as a member of the mesh speaks it, whatever its intentions. */
  public SSLContext member(String serviceAccount) throws Exception {
    return WorkloadTls.context(
        authority.issue(SpiffeId.of(TestAuthority.TRUST_DOMAIN, "shop", serviceAccount)));
  }

  private static InetSocketAddress address(Proxy proxy, String listener) {
    InetSocketAddress address = proxy.address(listener);
    assertThat(address).isNotNull();
    return address;
  }

  private SslContext adapterTls() throws Exception {
    WorkloadCertificate adapter =
        authority.issue(
            SpiffeId.of(TestAuthority.TRUST_DOMAIN, "heddle-system", "heddle-smi-adapter"));
    return MeshTls.server(() -> Optional.of(adapter), TestAuthority.TRUST_DOMAIN);
  }

  private Proxy sidecar(Path directory, String name, ScriptedControlPlane control)
      throws Exception {
    SpiffeId id = SpiffeId.of(TestAuthority.TRUST_DOMAIN, "shop", name);
    Path state = Files.createDirectories(directory.resolve(name));
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

  private void serve(List<App> apps, AppProtocol protocol, String filters, String action)
      throws Exception {
    String split =
        apps.stream()
            .map(app -> "{name: " + app.name() + ", weight: " + app.weight() + "}")
            .collect(Collectors.joining(", ", "weighted_clusters: {clusters: [", "]}"));
    serverControl.send(
        ResourceType.LISTENER,
        SERVER,
        "1",
        MeshResources.tlsListener(SERVER, http(filters, split + action)));
    String options =
        switch (protocol) {
          case HTTP1 -> "explicit_http_config: {http_protocol_options: {}}";
          case HTTP2 -> "explicit_http_config: {http2_protocol_options: {}}";
          case SAME_AS_REQUEST ->
              "use_downstream_protocol_config: {http_protocol_options: {}, http2_protocol_options:"
                  + " {}}";
        };
    for (App app : apps) {
      serverControl.send(
          ResourceType.CLUSTER, app.name(), "1", cluster(app.name(), app.port(), options, "", ""));
    }
  }

  private void listen() throws Exception {
    clientControl.send(
        ResourceType.LISTENER,
        CLIENT,
        "1",
        MeshResources.plainListener(CLIENT, http("", "cluster: web")));
  }

  /** Tells the client's proxy which ServiceAccount the server's is to prove; at first it is web. */
  public void expect(String serviceAccount) throws Exception {
    clientControl.send(
        ResourceType.CLUSTER,
        "web",
        String.valueOf(++expectations),
        cluster(
            "web",
            serverSide().getPort(),
            "use_downstream_protocol_config: {http_protocol_options: {}, http2_protocol_options:"
                + " {}}",
            ", " + MeshResources.metadata(serviceAccount),
            ", " + MeshResources.tlsTo(serviceAccount)));
  }

  private static String http(String filters, String destination) {
    return "{name: h, typed_config: {"
        + MeshResources.FILTERS
        + "network.http_connection_manager.v3.HttpConnectionManager, upgrade_configs:"
        + " [{upgrade_type: websocket}], route_config: {virtual_hosts: [{name: v, domains: ['*'],"
        + " routes: [{match: {prefix: /}, route: {"
        + destination
        + ", timeout: 0s}}]}]}, http_filters: ["
        + filters
        + "{name: r, typed_config: {"
        + MeshResources.FILTERS
        + "http.router.v3.Router}}]}}";
  }

  private static com.google.protobuf.Any cluster(
      String name, int port, String protocol, String endpointMetadata, String more)
      throws Exception {
    return YamlResources.one(
        "cluster.v3.Cluster",
        "{name: "
            + name
            + ", type: STATIC, lb_policy: LEAST_REQUEST, connect_timeout: 3s,"
            + " typed_extension_protocol_options:"
            + " {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type':"
            + " type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
            + protocol
            + "}}, load_assignment: {cluster_name: "
            + name
            + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address:"
            + " 127.0.0.1, port_value: "
            + port
            + "}}}"
            + endpointMetadata
            + "}]}]}"
            + more
            + "}");
  }

  @Override
  public void close() {
    client.close();
    server.close();
    clientControl.close();
    serverControl.close();
    authority.close();
  }
}
