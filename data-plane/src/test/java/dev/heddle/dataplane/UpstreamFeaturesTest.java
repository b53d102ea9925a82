package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.bootstrap.BootstrapReader;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.loopback.ClientHellos;
import dev.heddle.dataplane.loopback.TestServer;
import dev.heddle.dataplane.settings.ProcessSettings;
import dev.heddle.meshapi.process.LogLevel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clusters and connections, by a bootstrap file, with real apps. */
final class UpstreamFeaturesTest {
  private static final String FILTERS =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.network.";
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  @TempDir private Path directory;

  @Test
  void anOpenCircuitBreakerRefusesAndSaysWhy() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawServer app = holding(answer);
        Proxy proxy =
            http("circuit_breakers: {thresholds: [{max_requests: 1}]}", app.address().getPort());
        RawClient first = new RawClient(address(proxy));
        RawClient second = new RawClient(address(proxy))) {
      first.send(GET);
      await().until(() -> app.heads().size() == 1);
      assertThat(second.send(GET).response())
          .startsWith("HTTP/1.1 503")
          .contains("heddle-error: UO too many requests to app");
      answer.countDown();
      assertThat(first.response()).startsWith("HTTP/1.1 200");
      assertThat(second.send(GET).response()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void requestsWaitForAConnectionWithinTheirBound() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (RawServer app = holding(answer);
        Proxy proxy =
            http(
                "circuit_breakers: {thresholds: [{max_connections: 1, max_pending_requests: 1}]}",
                app.address().getPort());
        RawClient first = new RawClient(address(proxy));
        RawClient second = new RawClient(address(proxy));
        RawClient third = new RawClient(address(proxy))) {
      first.send(GET);
      await().until(() -> app.heads().size() == 1);
      // One of the two waits, the other is refused; which is for the event loops to say.
      second.send(GET);
      third.send(GET);
      answer.countDown();
      List<String> answers = List.of(second.response(), third.response());
      assertThat(first.response()).startsWith("HTTP/1.1 200");
      assertThat(answers).anyMatch(text -> text.startsWith("HTTP/1.1 200"));
      assertThat(app.connections()).isEqualTo(1);
    }
  }

  @Test
  void aRequestKeepsToItsEndpointByWhatIsHashed() throws Exception {
    try (RawServer one = RawServer.answering("one");
        RawServer two = RawServer.answering("two");
        RawServer three = RawServer.answering("three");
        Proxy proxy =
            start(
                "",
                "{filters: ["
                    + manager(
                        "{match: {prefix: /}, route: {cluster: app, hash_policy: [{header:"
                            + " {header_name: User}, terminal: true}, {cookie: {name: sticky,"
                            + " ttl: 60s, path: /}}]}}")
                    + "]}",
                cluster(
                    "app",
                    "lb_policy: MAGLEV",
                    one.address().getPort(),
                    two.address().getPort(),
                    three.address().getPort()))) {
      Set<String> endpoints = new HashSet<>();
      for (int user = 0; user < 30; user++) {
        Set<String> ofUser = new HashSet<>();
        try (RawClient client = new RawClient(address(proxy))) {
          for (int i = 0; i < 3; i++) {
            ofUser.add(body(client.send(get("User: u" + user)).response()));
          }
        }
        assertThat(ofUser).hasSize(1);
        endpoints.addAll(ofUser);
      }
      assertThat(endpoints).containsExactlyInAnyOrder("one", "two", "three");
      try (RawClient client = new RawClient(address(proxy))) {
        String first = client.send(GET).response();
        Matcher given =
            Pattern.compile("set-cookie: sticky=\"(\\w+)\"; Max-Age=60; Path=/").matcher(first);
        assertThat(given.find()).as(first).isTrue();
        for (int i = 0; i < 5; i++) {
          String next = client.send(get("Cookie: other=1; sticky=" + given.group(1))).response();
          assertThat(body(next)).isEqualTo(body(first));
          assertThat(next).doesNotContain("set-cookie");
        }
      }
    }
  }

  private static String get(String header) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n";
  }

  private static String body(String response) {
    return response.substring(response.indexOf("\r\n\r\n") + 4);
  }

  @Test
  void whoFailsItsHealthCheckGetsNothingUntilItIsWell() throws Exception {
    AtomicBoolean well = new AtomicBoolean();
    try (RawServer good = checked("good", new AtomicBoolean(true));
        RawServer ill = checked("ill", well);
        Proxy proxy =
            http(
                "health_checks: [{timeout: 1s, interval: 0.05s, unhealthy_threshold: 2,"
                    + " healthy_threshold: 2, http_health_check: {path: /healthz, host: h}}]",
                good.address().getPort(),
                ill.address().getPort())) {
      await().until(() -> bodies(proxy, 6).stream().allMatch("good"::equals));
      assertThat(bodies(proxy, 20)).containsOnly("good");
      well.set(true);
      await().until(() -> bodies(proxy, 6).contains("ill"));
      assertThat(ill.heads()).anyMatch(head -> head.contains("user-agent: heddle-health-check"));
      well.set(false);
      await().until(() -> bodies(proxy, 6).stream().allMatch("good"::equals));
    }
  }

  @Test
  void aConnectionIsACheckToo() throws Exception {
    try (RawServer good = RawServer.answering("good");
        RawServer gone = RawServer.answering("gone");
        Proxy proxy =
            http(
                "health_checks: [{timeout: 1s, interval: 0.05s, unhealthy_threshold: 1,"
                    + " healthy_threshold: 1, tcp_health_check: {}}]",
                good.address().getPort(),
                gone.address().getPort())) {
      await().until(() -> bodies(proxy, 6).contains("gone"));
      gone.stopListening();
      await().until(() -> bodies(proxy, 6).stream().allMatch("good"::equals));
    }
  }

  @Test
  void theProxyProtocolSaysWhereAConnectionWasGoing() throws Exception {
    try (TestServer echo = TestServer.echo();
        Proxy proxy =
            start(
                "listener_filters: [{name: p, typed_config: {\"@type\":"
                    + " type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3"
                    + ".ProxyProtocol}}]",
                tcp("original"),
                "{name: original, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED}")) {
      int port = echo.port();
      assertThat(echoed(proxy, bytes("PROXY TCP4 192.0.2.1 127.0.0.1 999 " + port + "\r\nhi")))
          .isEqualTo("hi");
      byte[] binary =
          HexFormat.of()
              .parseHex(
                  "0d0a0d0a000d0a515549540a2111000cc00002017f00000103e7"
                      + HexFormat.of().toHexDigits((short) port)
                      + "6869");
      assertThat(echoed(proxy, binary)).isEqualTo("hi");
      // Byte by byte as well.
      try (RawClient client = new RawClient(address(proxy))) {
        for (byte each : binary) {
          client.send(new byte[] {each});
        }
        assertThat(client.in().readNBytes(2)).isEqualTo(bytes("hi"));
      }
      assertThat(echoed(proxy, bytes(GET))).isEmpty();
      assertThat(echo.accepted()).isEqualTo(3);
    }
  }

  @Test
  void tlsPassesThroughByItsServerName() throws Exception {
    try (TestServer exact = TestServer.echo();
        TestServer suffix = TestServer.echo();
        Proxy proxy =
            start(
                "listener_filters: [{name: t, typed_config: {\"@type\":"
                    + " type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3"
                    + ".TlsInspector}}]",
                "{filter_chain_match: {server_names: [a.example]}, filters: ["
                    + filter("exact")
                    + "]}, {filter_chain_match: {server_names: [\"*.b.example\"]}, filters: ["
                    + filter("suffix")
                    + "]}",
                cluster("exact", "", exact.port()) + "," + cluster("suffix", "", suffix.port()))) {
      byte[] hello = ClientHellos.of("a.example", "h2");
      try (RawClient client = new RawClient(address(proxy))) {
        assertThat(client.send(hello).in().readNBytes(hello.length)).isEqualTo(hello);
      }
      byte[] other = ClientHellos.of("x.b.example", "h2");
      try (RawClient client = new RawClient(address(proxy))) {
        assertThat(client.send(other).in().readNBytes(other.length)).isEqualTo(other);
      }
      assertThat(echoed(proxy, ClientHellos.of("c.example", "h2"))).isEmpty();
      assertThat(exact.accepted()).isEqualTo(1);
      assertThat(suffix.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aChainHasNoMoreConnectionsThanItsLimit() throws Exception {
    String limit =
        "{name: l, typed_config: {"
            + FILTERS
            + "connection_limit.v3.ConnectionLimit, stat_prefix: l, max_connections: 1}}";
    try (TestServer echo = TestServer.echo();
        Proxy proxy =
            start(
                "",
                "{filters: [" + limit + ", " + filter("app") + "]}",
                cluster("app", "", echo.port()))) {
      try (RawClient first = new RawClient(address(proxy))) {
        assertThat(first.send("x").in().read()).isEqualTo('x');
        assertThat(echoed(proxy, bytes("y"))).isEmpty();
      }
      await().until(() -> echoed(proxy, bytes("z")).equals("z"));
    }
  }

  @Test
  void aClientsConnectionEndsAfterItsRequestsOrItsTime() throws Exception {
    try (RawServer app = RawServer.answering("x");
        Proxy requests = limited("{max_requests_per_connection: 2}", app.address().getPort());
        Proxy duration = limited("{max_connection_duration: 0.1s}", app.address().getPort())) {
      try (RawClient client = new RawClient(address(requests))) {
        assertThat(client.send(GET).response()).doesNotContain("connection: close");
        assertThat(client.send(GET).response()).contains("connection: close");
        assertThat(client.in().read()).isEqualTo(-1);
      }
      try (RawClient client = new RawClient(address(duration))) {
        await().until(() -> client.send(GET).response().contains("connection: close"));
      }
    }
  }

  private Proxy limited(String options, int port) throws Exception {
    String manager =
        manager("{match: {prefix: /}, route: {cluster: app}}")
            .replace("stat_prefix: h", "stat_prefix: h, common_http_protocol_options: " + options);
    return start("", "{filters: [" + manager + "]}", cluster("app", "", port));
  }

  private static RawServer holding(CountDownLatch answer) throws IOException {
    return new RawServer(connection -> {
      while (connection.readRequest()) {
        try {
          assertThat(answer.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException();
        }
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }
    });
  }

  /** Answers its name, and health checks by how it is. */
  private static RawServer checked(String name, AtomicBoolean well) throws IOException {
    return new RawServer(connection -> {
      for (String head = connection.readHead(); !head.isEmpty(); head = connection.readHead()) {
        boolean fine = !head.startsWith("GET /healthz") || well.get();
        connection.send(
            "HTTP/1.1 "
                + (fine ? "200 OK" : "500 Ill")
                + "\r\nContent-Length: "
                + name.length()
                + "\r\n\r\n"
                + name);
      }
    });
  }

  private static List<String> bodies(Proxy proxy, int count) throws IOException {
    List<String> bodies = new ArrayList<>();
    try (RawClient client = new RawClient(address(proxy))) {
      for (int i = 0; i < count; i++) {
        bodies.add(body(client.send(GET).response()));
      }
    }
    return bodies;
  }

  /** What comes back of what is sent; empty when the connection is closed instead. */
  private static String echoed(Proxy proxy, byte[] bytes) throws IOException {
    try (RawClient client = new RawClient(address(proxy))) {
      InputStream in = client.send(bytes).in();
      int first = in.read();
      if (first < 0) {
        return "";
      }
      String rest = new String(in.readNBytes(in.available()), StandardCharsets.ISO_8859_1);
      return (char) first + rest;
    } catch (SocketException e) {
      return ""; // A reset is how a refused connection ends.
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static InetSocketAddress address(Proxy proxy) {
    return await().until(() -> proxy.address("web"), address -> address != null);
  }

  private Proxy http(String clusterFields, int... ports) throws Exception {
    return start(
        "",
        "{filters: [" + manager("{match: {prefix: /}, route: {cluster: app}}") + "]}",
        cluster("app", clusterFields, ports));
  }

  private static String manager(String route) {
    return "{name: h, typed_config: {"
        + FILTERS
        + "http_connection_manager.v3.HttpConnectionManager, stat_prefix: h, codec_type: AUTO,"
        + " generate_request_id: false, route_config: {virtual_hosts: [{name: all, domains:"
        + " [\"*\"], routes: ["
        + route
        + "]}]}, http_filters: [{name: r, typed_config: {\"@type\":"
        + " type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}";
  }

  private static String tcp(String cluster) {
    return "{filters: [" + filter(cluster) + "]}";
  }

  private static String filter(String cluster) {
    return "{name: t, typed_config: {"
        + FILTERS
        + "tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: "
        + cluster
        + "}}";
  }

  private static String cluster(String name, String fields, int... ports) {
    StringBuilder endpoints = new StringBuilder();
    for (int port : ports) {
      endpoints
          .append(endpoints.isEmpty() ? "" : ", ")
          .append("{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ")
          .append(port)
          .append("}}}}");
    }
    return "{name: "
        + name
        + ", "
        + (fields.isEmpty() ? "" : fields + ", ")
        + "load_assignment: {cluster_name: "
        + name
        + ", endpoints: [{lb_endpoints: ["
        + endpoints
        + "]}]}}";
  }

  private Proxy start(String listenerFields, String chains, String clusters) throws Exception {
    String yaml =
        "{static_resources: {listeners: [{name: web, address: {socket_address: {address:"
            + " 127.0.0.1, port_value: 0}}, "
            + (listenerFields.isEmpty() ? "" : listenerFields + ", ")
            + "filter_chains: ["
            + chains
            + "]}], clusters: ["
            + clusters
            + "]}, admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}}";
    var bootstrap = BootstrapReader.read(Files.writeString(directory.resolve("b.yaml"), yaml));
    return Proxy.standalone(
        new ProcessSettings(1, false, LogLevel.WARN, Duration.ofSeconds(5), 0, bootstrap.admin()),
        bootstrap);
  }
}
