package dev.heddle.dataplane.listener;

import static dev.heddle.dataplane.loopback.Configurations.cluster;
import static dev.heddle.dataplane.loopback.Configurations.configuration;
import static dev.heddle.dataplane.loopback.Configurations.detecting;
import static dev.heddle.dataplane.loopback.Configurations.endpoint;
import static dev.heddle.dataplane.loopback.Configurations.inbound;
import static dev.heddle.dataplane.loopback.Configurations.meshTls;
import static dev.heddle.dataplane.loopback.Configurations.plainTcp;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.loopback.ClientHellos;
import dev.heddle.dataplane.loopback.Configurations;
import dev.heddle.dataplane.loopback.LoopbackProxy;
import dev.heddle.dataplane.loopback.MeshAuthority;
import dev.heddle.dataplane.loopback.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
final class ListenerTest {
  private static final AccessRules DENIES_A_SERVER_NAME =
      new AccessRules(
          false,
          List.of(
              new AccessRules.Rule(
                  "name",
                  new Condition.RequestedServerName(new ValueMatch.Exact("evil.example")),
                  new Condition.Always())));

  @Test
  void aServerThatSpeaksFirstIsHeardWithinMilliseconds() throws Exception {
    try (TestServer server = TestServer.greeting("5.5.5-MariaDB");
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()))) {
      try (Socket warmUp = connect(proxy)) {
        assertThat(read(warmUp, 3)).isEqualTo("5.5");
      }
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 10; i++) {
        long begun = System.nanoTime();
        try (Socket client = connect(proxy)) {
          assertThat(client.getInputStream().readNBytes(13))
              .asString(UTF_8)
              .isEqualTo("5.5.5-MariaDB");
          best = Math.min(best, System.nanoTime() - begun);
          // Opaque for good, even if the client's answer looks like HTTP.
          client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
          assertThat(client.getInputStream().readNBytes(18))
              .asString(UTF_8)
              .isEqualTo("GET / HTTP/1.1\r\n\r\n");
        }
      }
      assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(50));
      assertThat(proxy.httpConnections()).isEmpty();
      assertThat(proxy.count("heddle.connections.server.first")).isEqualTo(11);
    }
  }

  @Test
  void aServerMaySpeakFirstThroughBothProxies() throws Exception {
    MeshAuthority authority = MeshAuthority.create();
    try (TestServer server = TestServer.greeting("220 ready");
        LoopbackProxy exit = exit(authority, server);
        LoopbackProxy entry = entry(authority, exit);
        Socket client = connect(entry)) {
      assertThat(client.getInputStream().readNBytes(9)).asString(UTF_8).isEqualTo("220 ready");
      client.getOutputStream().write("EHLO".getBytes(UTF_8));
      assertThat(client.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("EHLO");
      ConnectionContext seen = exit.observer().opened().getFirst().connection();
      assertThat(seen.peer()).isEqualTo(MeshAuthority.id("client"));
      assertThat(seen.mutualTls()).isTrue();
      assertThat(entry.observer().opened().getFirst().upstreamMutualTls()).isTrue();
    }
  }

  /** As when its proxy has no processor for a while. */
  @Test
  void aPeerWhoseHelloIsLateIsWaitedForTheNextTime() throws Exception {
    MeshAuthority authority = MeshAuthority.create();
    try (TestServer server = TestServer.greeting("220 ready");
        LoopbackProxy proxy = exit(authority, server)) {
      try (Socket peer = connect(proxy)) {
        assertThat(peer.getInputStream().readNBytes(9)).asString(UTF_8).isEqualTo("220 ready");
        peer.getOutputStream().write(ClientHellos.of(Configurations.SERVER_NAME));
        assertThatThrownBy(() -> peer.getInputStream().readNBytes(1))
            .isInstanceOf(SocketException.class);
      }
      assertThat(proxy.closedEarly("late_hello")).isEqualTo(1);
      assertThat(server.received()).as("bytes of the hello at the application").isZero();

      try (Socket peer = connect(proxy)) {
        peer.setSoTimeout(400);
        assertThatThrownBy(() -> peer.getInputStream().readNBytes(1))
            .isInstanceOf(SocketTimeoutException.class);
        peer.getOutputStream().write(ClientHellos.of(Configurations.SERVER_NAME));
        peer.setSoTimeout(10_000);
        assertThat(peer.getInputStream().readNBytes(1))
            .as("a handshake record")
            .containsExactly(22);
      }
    }
  }

  @Test
  void aClientOfKnownMannerIsNotHeldUpAgain() throws Exception {
    try (TestServer server = TestServer.greeting("220 ready");
        LoopbackProxy proxy = LoopbackProxy.start().serve(fromMesh(server.port()))) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 10; i++) {
        long begun = System.nanoTime();
        try (Socket client = connect(proxy)) {
          assertThat(client.getInputStream().readNBytes(9)).asString(UTF_8).isEqualTo("220 ready");
          best = Math.min(best, System.nanoTime() - begun);
          client.getOutputStream().write("EHLO".getBytes(UTF_8));
          assertThat(client.getInputStream().readNBytes(4)).asString(UTF_8).isEqualTo("EHLO");
        }
      }
      assertThat(Duration.ofNanos(best)).isLessThan(LoopbackProxy.LISTENERS.helloGrace());
    }
  }

  @Test
  void httpAtOnceOpensNoConnectionAhead() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()));
        Socket client = connect(proxy)) {
      client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      assertThat(read(client, 29)).isEqualTo("HTTP1 null GET / HTTP/1.1\r\n\r\n");
    }
  }

  @Test
  void aClientThatIsSlowToSpeakHttpIsStillHttp() throws Exception {
    CompletableFuture<byte[]> seenByServer = new CompletableFuture<>();
    try (TestServer server =
            TestServer.start(
                (socket, input, output) -> seenByServer.complete(input.readAllBytes()));
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()));
        Socket client = connect(proxy)) {
      await().until(() -> server.accepted() == 1);
      client.getOutputStream().write("GET / HT".getBytes(UTF_8));
      client.getOutputStream().flush();
      client.getOutputStream().write("TP/1.1\r\n\r\n".getBytes(UTF_8));
      assertThat(read(client, 29)).isEqualTo("HTTP1 null GET / HTTP/1.1\r\n\r\n");
      // The connection opened ahead was closed without a byte.
      assertThat(seenByServer.get(10, TimeUnit.SECONDS)).isEmpty();
    }
  }

  /**
   * As a client of a pool that connects ahead; the handshake between the proxies is nobody's word.
   */
  @Test
  void aClientThatIsSlowToSpeakHttpIsStillHttpTowardsAnotherProxy() throws Exception {
    MeshAuthority authority = MeshAuthority.create();
    try (TestServer server = TestServer.echo();
        LoopbackProxy exit = exit(authority, server);
        LoopbackProxy entry = entry(authority, exit);
        Socket client = connect(entry)) {
      // All the way to the app: the handshake is done on both sides.
      await().until(() -> server.accepted() == 1);
      client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
      assertThat(read(client, 29)).isEqualTo("HTTP1 null GET / HTTP/1.1\r\n\r\n");
      assertThat(entry.count("heddle.connections.server.first")).isZero();
    }
  }

  @Test
  void aClientThatIsSlowToSpeakAnotherProtocolUsesTheConnectionOpenedAhead() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()));
        Socket client = connect(proxy)) {
      await().until(() -> server.accepted() == 1);
      client.getOutputStream().write("PING\r\n".getBytes(UTF_8));
      assertThat(read(client, 6)).isEqualTo("PING\r\n");
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aPrefixThatNeverEndsIsCarriedAsBytes() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()));
        Socket client = connect(proxy)) {
      client.getOutputStream().write("GET".getBytes(UTF_8));
      assertThat(read(client, 3)).isEqualTo("GET");
    }
  }

  @Test
  void aClientThatEndsAtOnceIsPassedOn() throws Exception {
    try (TestServer server =
            TestServer.start((socket, input, output) ->
                output.write(("got " + input.readAllBytes().length).getBytes(UTF_8)));
        LoopbackProxy proxy = LoopbackProxy.start().serve(toApp(server.port()));
        Socket client = connect(proxy)) {
      client.getOutputStream().write("GE".getBytes(UTF_8));
      client.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("got 2");
    }
  }

  @Test
  void inboundServesPlaintextBesideTheMesh() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start().serve(fromMesh(server.port()))) {
      try (Socket client = connect(proxy)) {
        client.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(UTF_8));
        assertThat(read(client, 14)).isEqualTo("HTTP2 null PRI");
      }
      // The app's own TLS is bytes to the proxy.
      try (Socket client = connect(proxy)) {
        client.getOutputStream().write(new byte[] {22, 3, 1, 0, 5, 1, 0, 0, 1, 9});
        assertThat(client.getInputStream().readNBytes(10))
            .containsExactly(22, 3, 1, 0, 5, 1, 0, 0, 1, 9);
      }
    }
  }

  @Test
  void aChangedListenerServesNewConnectionsAndLeavesOldOnes() throws Exception {
    try (TestServer before = TestServer.echo();
        TestServer after =
            TestServer.start((socket, input, output) -> output.write("new".getBytes(UTF_8)));
        LoopbackProxy proxy =
            LoopbackProxy.start().serve(plain("first", tcp("app"), before.port()));
        Socket old = connect(proxy, "first")) {
      old.getOutputStream().write(1);
      assertThat(old.getInputStream().read()).isEqualTo(1);
      InetSocketAddress address = proxy.address("first");
      // When
      proxy.serve(plain("first", tcp("app"), after.port()));
      // Then
      assertThat(proxy.address("first")).isEqualTo(address);
      try (Socket fresh = connect(proxy, "first")) {
        assertThat(read(fresh, 3)).isEqualTo("new");
      }
      // When it is gone, its socket is closed and its connection is not.
      proxy.serve(plain("second", tcp("app"), after.port()));
      await().until(() -> refuses(address));
      old.getOutputStream().write(2);
      assertThat(old.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void moreConnectionsThanTheLimitAreClosedAndCounted() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy =
            LoopbackProxy.start(2).serve(plain("listener", tcp("app"), server.port()));
        Socket first = connect(proxy);
        Socket second = connect(proxy)) {
      first.getOutputStream().write(1);
      assertThat(first.getInputStream().read()).isEqualTo(1);
      second.getOutputStream().write(1);
      assertThat(second.getInputStream().read()).isEqualTo(1);
      assertClosed(proxy);
      assertThat(proxy.closedEarly("connection_limit")).isEqualTo(1);
      first.shutdownOutput();
      await().until(() -> proxy.connections().count() == 1);
      try (Socket third = connect(proxy)) {
        third.getOutputStream().write(3);
        assertThat(third.getInputStream().read()).isEqualTo(3);
      }
    }
  }

  @Test
  void aConnectionToTheProxyItselfIsClosed() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      Listener plain = plainTcp("listener", tcp("app"));
      proxy.serve(
          configuration(
              List.of(
                  new Listener(
                      plain.name(),
                      new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0),
                      TrafficDirection.OUTBOUND,
                      true,
                      true,
                      false,
                      false,
                      List.of(),
                      plain.defaultFilterChain())),
              Map.of(cluster("app", null), List.of(endpoint(server.port())))));
      assertClosed(proxy);
      assertThat(proxy.closedEarly("redirect_loop")).isEqualTo(1);
    }
  }

  @Test
  void whatNoRuleAllowsIsClosedBeforeAnythingIsOpened() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(enforcing(new AccessRules(true, List.of()), server.port()));
      try (Socket client = connect(proxy)) {
        client.getOutputStream().write("QUIT\r\n".getBytes(UTF_8));
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      assertThat(proxy.closedEarly("access_denied")).isEqualTo(1);
      assertThat(server.accepted()).isZero();
    }
  }

  @Test
  void aStreamLastsAsLongAsRulesLetItThrough() throws Exception {
    AccessRules everyone =
        new AccessRules(
            true,
            List.of(new AccessRules.Rule("all", new Condition.Always(), new Condition.Always())));
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      Listener inbound = inbound("listener", tcp("app"));
      proxy.serve(
          configuration(
              List.of(inbound), Map.of(cluster("app", null), List.of(endpoint(server.port())))));
      try (Socket client = connect(proxy)) {
        assertThat(echo(client, "EHLO")).isEqualTo("EHLO");

        proxy.serve(enforcing(inbound, everyone, server.port()));
        assertThat(echo(client, "RSET")).as("while rules allow it").isEqualTo("RSET");

        proxy.serve(enforcing(inbound, new AccessRules(true, List.of()), server.port()));
        assertThat(client.getInputStream().read()).as("when they do not").isEqualTo(-1);
      }
      assertThat(proxy.closedEarly("access_denied")).isEqualTo(1);
    }
  }

  private static String echo(Socket client, String words) throws IOException {
    client.getOutputStream().write(words.getBytes(UTF_8));
    return new String(client.getInputStream().readNBytes(words.length()), UTF_8);
  }

  @ParameterizedTest
  @MethodSource
  void whoHidesItsServerNamePassesNoRuleOnIt(byte[] hello) throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(enforcing(DENIES_A_SERVER_NAME, server.port()));
      try (Socket client = connect(proxy)) {
        client.getOutputStream().write(hello);
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      assertThat(proxy.closedEarly("access_denied")).isEqualTo(1);
      assertThat(server.accepted()).isZero();
    }
  }

  /** Records of a handshake (RFC 8446, 5.1). */
  static Stream<byte[]> whoHidesItsServerNamePassesNoRuleOnIt() {
    return Stream.of(
        new byte[] {22, 3, 1, 1, 0, 1}, // A ClientHello that does not go on.
        new byte[] {22, 3, 1, 0, 0}, // An empty record, which some servers pass over.
        new byte[] {22, 3, 1, 1, 0, 1, 1, 0, 0}); // A ClientHello longer than anybody waits for.
  }

  @Test
  void whatIsNoTlsAsksForNoServerName() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(enforcing(DENIES_A_SERVER_NAME, server.port()));
      try (Socket client = connect(proxy)) {
        client.getOutputStream().write("QUIT\r\n".getBytes(UTF_8));
        assertThat(client.getInputStream().read()).isEqualTo('Q');
      }
    }
  }

  /** A listener that looks for HTTP and TLS, and lets through to the app what the rules allow. */
  private static ProxyConfiguration enforcing(AccessRules rules, int port) {
    return enforcing(detecting("listener", tcp("app")), rules, port);
  }

  private static ProxyConfiguration enforcing(Listener listener, AccessRules rules, int port) {
    FilterChain open = listener.defaultFilterChain();
    assertThat(open).isNotNull();
    return configuration(
        List.of(
            new Listener(
                "listener",
                listener.address(),
                listener.direction(),
                true,
                false,
                true,
                true,
                listener.filterChains(),
                new FilterChain(
                    open.name(), open.match(), null, List.of(rules), 0, open.terminalFilter()))),
        Map.of(cluster("app", null), List.of(endpoint(port))));
  }

  private static ProxyConfiguration toApp(int port) {
    return configuration(
        List.of(detecting("listener", tcp("app"))),
        Map.of(cluster("app", null), List.of(endpoint(port))));
  }

  /** The app's proxy. */
  private static LoopbackProxy exit(MeshAuthority authority, TestServer server) {
    return LoopbackProxy.start().identity(authority.issue("server")).serve(fromMesh(server.port()));
  }

  /** The proxy of a client that calls it. */
  private static LoopbackProxy entry(MeshAuthority authority, LoopbackProxy exit) {
    return LoopbackProxy.start().identity(authority.issue("client")).serve(toMesh(exit));
  }

  /** The inbound side of an app's proxy. */
  private static ProxyConfiguration fromMesh(int port) {
    return configuration(
        List.of(inbound("listener", tcp("app"))),
        Map.of(cluster("app", null), List.of(endpoint(port))));
  }

  /** The outbound side of a client's proxy whose app's server is behind another proxy. */
  private static ProxyConfiguration toMesh(LoopbackProxy exit) {
    return configuration(
        List.of(detecting("listener", tcp("app"))),
        Map.of(
            cluster("app", meshTls("server")),
            List.of(endpoint(exit.address("listener").getPort()))));
  }

  private static ProxyConfiguration plain(String name, TerminalFilter.TcpProxy filter, int port) {
    return configuration(
        List.of(plainTcp(name, filter)), Map.of(cluster("app", null), List.of(endpoint(port))));
  }

  private static void assertClosed(LoopbackProxy proxy) {
    assertThatThrownBy(
            () -> {
              try (Socket client = connect(proxy)) {
                client.getOutputStream().write(1);
                if (client.getInputStream().read() < 0) {
                  throw new SocketException("closed");
                }
              }
            })
        .isInstanceOf(SocketException.class);
  }

  private static boolean refuses(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.connect(address, 2000);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static Socket connect(LoopbackProxy proxy) throws IOException {
    return connect(proxy, "listener");
  }

  private static Socket connect(LoopbackProxy proxy, String listener) throws IOException {
    InetSocketAddress address = proxy.address(listener);
    Socket socket = new Socket();
    socket.connect(
        address.getAddress().isAnyLocalAddress()
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort())
            : address,
        2000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String read(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), UTF_8);
  }
}
