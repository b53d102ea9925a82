package dev.heddle.dataplane.tcp;

import static dev.heddle.dataplane.loopback.Configurations.cluster;
import static dev.heddle.dataplane.loopback.Configurations.configuration;
import static dev.heddle.dataplane.loopback.Configurations.endpoint;
import static dev.heddle.dataplane.loopback.Configurations.inbound;
import static dev.heddle.dataplane.loopback.Configurations.meshTls;
import static dev.heddle.dataplane.loopback.Configurations.plainTcp;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.loopback.LoopbackProxy;
import dev.heddle.dataplane.loopback.MeshAuthority;
import dev.heddle.dataplane.loopback.RefusingPort;
import dev.heddle.dataplane.loopback.TestServer;
import dev.heddle.dataplane.loopback.WorkloadTls;
import dev.heddle.dataplane.telemetry.ConnectionReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class RelayTest {
  @AutoClose private final RefusingPort refusing = new RefusingPort();

  /** What lies between client and server. */
  enum Path {
    /** One proxy. */
    PLAIN,
    /** Two proxies and mutual TLS between them. */
    MUTUAL_TLS,
    /** A third between those two, which ends one TLS connection and begins another. */
    MUTUAL_TLS_TWICE
  }

  /** One proxy, or several with mutual TLS between them. */
  private record Route(LoopbackProxy entry, List<LoopbackProxy> proxies) implements AutoCloseable {
    static Route to(Path path, int port) {
      LoopbackProxy entry = LoopbackProxy.start();
      if (path == Path.PLAIN) {
        entry.serve(toEndpoint(cluster("app", null), port));
        return new Route(entry, List.of(entry));
      }
      MeshAuthority authority = MeshAuthority.create();
      LoopbackProxy exit =
          LoopbackProxy.start()
              .identity(authority.issue("server"))
              .serve(
                  configuration(
                      List.of(inbound("listener", tcp("app"))),
                      Map.of(cluster("app", null), List.of(endpoint(port)))));
      List<LoopbackProxy> proxies = new ArrayList<>(List.of(entry, exit));
      LoopbackProxy next = exit;
      if (path == Path.MUTUAL_TLS_TWICE) {
        next =
            LoopbackProxy.start()
                .identity(authority.issue("server"))
                .serve(
                    configuration(
                        List.of(inbound("listener", tcp("app"))),
                        Map.of(cluster("app", meshTls("server")), List.of(endpoint(port(exit))))));
        proxies.add(next);
      }
      entry
          .identity(authority.issue("client"))
          .serve(toEndpoint(cluster("app", meshTls("server")), port(next)));
      return new Route(entry, proxies);
    }

    private static int port(LoopbackProxy proxy) {
      return proxy.address("listener").getPort();
    }

    private static ProxyConfiguration toEndpoint(Cluster cluster, int port) {
      return configuration(
          List.of(plainTcp("listener", tcp("app"))), Map.of(cluster, List.of(endpoint(port))));
    }

    Socket connect() throws IOException {
      Socket socket = new Socket();
      socket.connect(entry.address("listener"), 2000);
      socket.setSoTimeout(10_000);
      return socket;
    }

    @Override
    public void close() {
      proxies.forEach(LoopbackProxy::close);
    }
  }

  @ParameterizedTest
  @EnumSource
  void carriesEveryByteBothWays(Path path) throws Exception {
    // Given
    byte[] sent = new byte[8 * 1024 * 1024];
    new SplittableRandom(1).nextBytes(sent);
    try (TestServer server = TestServer.echo();
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      // When
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> {
            try {
              client.getOutputStream().write(sent);
              client.shutdownOutput();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      byte[] received = client.getInputStream().readAllBytes();
      // Then
      writing.get(10, TimeUnit.SECONDS);
      assertThat(received).isEqualTo(sent);
      await().until(() -> route.entry().observer().closed().size() == 1);
      assertThat(route.entry().observer().sent()).isEqualTo(sent.length);
      assertThat(route.entry().observer().received()).isEqualTo(sent.length);
      assertThat(route.entry().observer().closed())
          .extracting(ConnectionReport::flags)
          .containsExactly((ResponseFlag) null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void clientMayEndFirstAndStillGetsItsAnswer(Path path) throws Exception {
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              byte[] request = input.readAllBytes();
              output.write(("got " + request.length).getBytes(UTF_8));
            });
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      client.getOutputStream().write("question".getBytes(UTF_8));
      client.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("got 8");
    }
  }

  @ParameterizedTest
  @EnumSource
  void serverMayEndFirstAndStillGetsWhatTheClientSends(Path path) throws Exception {
    CompletableFuture<String> late = new CompletableFuture<>();
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              output.write("bye".getBytes(UTF_8));
              socket.shutdownOutput();
              String received = new String(input.readAllBytes(), UTF_8);
              // A proxy that waits for a late ClientHello connects ahead of it, and may give that
              // up.
              if (!received.isEmpty()) {
                late.complete(received);
              }
            });
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      assertThat(client.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("bye");
      client.getOutputStream().write("still here".getBytes(UTF_8));
      client.shutdownOutput();
      assertThat(late.get(10, TimeUnit.SECONDS)).isEqualTo("still here");
    }
  }

  /** RFC 5246 7.2.1: whoever gets a close_notify of TLS 1.2 discards what it has not sent yet. */
  @Test
  void whatAServerOfTls12DoesNotTakeAfterItsEndIsNotLostSilently() throws Exception {
    SSLContext tls = WorkloadTls.context(MeshAuthority.create().issue("server"));
    CompletableFuture<Void> release = new CompletableFuture<>();
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              SSLSocket secured =
                  (SSLSocket)
                      tls.getSocketFactory().createSocket(socket, null, socket.getPort(), false);
              secured.setUseClientMode(false);
              secured.setEnabledProtocols(new String[] {"TLSv1.2"});
              secured.getOutputStream().write("bye".getBytes(UTF_8));
              secured.shutdownOutput();
              release.join();
            });
        LoopbackProxy proxy = LoopbackProxy.start()) {
      UpstreamTls anyServer =
          new UpstreamTls(new TlsCertificate.Static("", "", ""), "", List.of(), List.of());
      proxy.serve(Route.toEndpoint(cluster("app", anyServer), server.port()));
      try (Socket client = new Route(proxy, List.of()).connect()) {
        assertThat(client.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo("bye");
        client.getOutputStream().write("still here".getBytes(UTF_8));
        client.shutdownOutput();
        await().until(() -> proxy.observer().closed().size() == 1);
      }
      assertThat(proxy.observer().closed())
          .extracting(ConnectionReport::flags)
          .containsExactly(ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
    } finally {
      release.complete(null);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenServerBreaksTheClient(Path path) throws Exception {
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              output.write("half of".getBytes(UTF_8));
              output.flush();
              input.read();
              socket.setSoLinger(true, 0);
            });
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      assertThat(client.getInputStream().readNBytes(7)).asString(UTF_8).isEqualTo("half of");
      client.getOutputStream().write(1);
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSlowReaderStopsTheSender(Path path) throws Exception {
    CompletableFuture<Void> release = new CompletableFuture<>();
    AtomicLong drained = new AtomicLong();
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              release.join();
              drained.addAndGet(input.readAllBytes().length);
            });
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      // When the server does not read, the client is stopped once the sockets' buffers are full.
      AtomicLong written = new AtomicLong();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                byte[] piece = new byte[64 * 1024];
                try {
                  for (int i = 0; i < 4096; i++) {
                    client.getOutputStream().write(piece);
                    written.addAndGet(piece.length);
                  }
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      awaitStalled(written);
      assertThat(written.get()).isBetween(1L, 64L * 1024 * 1024);
      // Then nothing is lost when it goes on.
      release.complete(null);
      writer.join();
      await().until(() -> drained.get() == 4096L * 64 * 1024);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatHasEndedGetsTheWholeAnswerHoweverSlowlyItReads(Path path) throws Exception {
    byte[] piece = new byte[64 * 1024];
    new SplittableRandom(2).nextBytes(piece);
    int pieces = 512;
    AtomicLong written = new AtomicLong();
    try (TestServer server =
            TestServer.start((socket, input, output) -> {
              input.readAllBytes();
              for (int i = 0; i < pieces; i++) {
                output.write(piece);
                written.addAndGet(piece.length);
              }
            });
        Route route = Route.to(path, server.port());
        Socket client = route.connect()) {
      client.shutdownOutput();
      // Every buffer on the way is full before the client reads: the proxy waits for room.
      awaitStalled(written);
      assertThat(written.get()).isLessThan((long) pieces * piece.length);
      for (int i = 0; i < pieces; i++) {
        assertThat(client.getInputStream().readNBytes(piece.length)).isEqualTo(piece);
      }
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      await().until(() -> route.entry().observer().closed().size() == 1);
      assertThat(route.entry().observer().closed())
          .extracting(ConnectionReport::flags)
          .containsExactly((ResponseFlag) null);
    }
  }

  @Test
  void connectsElsewhereWhenAnEndpointRefuses() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(
          configuration(
              List.of(plainTcp("listener", tcp("app"))),
              Map.of(
                  cluster("app", null),
                  List.of(endpoint(refusing.port()), endpoint(server.port())))));
      for (int i = 0; i < 20; i++) {
        assertThat(exchange(proxy, "ping")).isEqualTo("ping");
      }
    }
  }

  @Test
  void theClientSeesAResetWhenNobodyCanBeReached() throws Exception {
    try (LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(
          configuration(
              List.of(plainTcp("listener", tcp("app"))),
              Map.of(cluster("app", null), List.of(endpoint(refusing.port())))));
      assertThatThrownBy(() -> exchange(proxy, "ping")).isInstanceOf(SocketException.class);
      await().until(() -> proxy.observer().closed().size() == 1);
      assertThat(proxy.observer().closed())
          .extracting(ConnectionReport::flags)
          .containsExactly(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
    }
  }

  @Test
  void weightsDecideAndZeroGetsNothing() throws Exception {
    try (TestServer first = answering("1");
        TestServer second = answering("2");
        TestServer never = answering("0");
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(
          configuration(
              List.of(
                  plainTcp(
                      "listener",
                      tcp(
                          new WeightedCluster("first", 80),
                          new WeightedCluster("second", 20),
                          new WeightedCluster("never", 0)))),
              Map.of(
                  cluster("first", null), List.of(endpoint(first.port())),
                  cluster("second", null), List.of(endpoint(second.port())),
                  cluster("never", null), List.of(endpoint(never.port())))));
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(exchange(proxy, ""));
      }
      assertThat(answers).doesNotContain("0");
      assertThat(answers.stream().filter("1"::equals).count()).isBetween(360L, 440L);
    }
  }

  @Test
  void aBackendWithoutEndpointsIsLeftOutAndAllZeroIsRefused() throws Exception {
    try (TestServer server = answering("1");
        LoopbackProxy proxy = LoopbackProxy.start()) {
      Cluster full = cluster("full", null);
      Cluster empty = cluster("empty", null);
      List<Endpoint> endpoints = List.of(endpoint(server.port()));
      proxy.serve(
          configuration(
              List.of(
                  plainTcp(
                      "listener",
                      tcp(new WeightedCluster("empty", 99), new WeightedCluster("full", 1)))),
              Map.of(full, endpoints, empty, List.of())));
      assertThat(exchange(proxy, "")).isEqualTo("1");
      // When the same listener's weights are all zero from now on
      proxy.serve(
          configuration(
              List.of(plainTcp("listener", tcp(new WeightedCluster("full", 0)))),
              Map.of(full, endpoints)));
      assertThatThrownBy(() -> exchange(proxy, "x")).isInstanceOf(SocketException.class);
      await().until(() -> proxy.observer().closed().size() == 2);
      assertThat(proxy.observer().closed().getLast().flags())
          .isEqualTo(ResponseFlag.NO_HEALTHY_ENDPOINT);
    }
  }

  @Test
  void aClusterHasNoMoreConnectionsThanItsLimit() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(
          configuration(
              List.of(plainTcp("listener", tcp("app"))),
              Map.of(
                  cluster("app", null, new Cluster.Limits(1, 1, 1)),
                  List.of(endpoint(server.port())))));
      try (Socket first = new Socket()) {
        first.connect(proxy.address("listener"), 2000);
        first.getOutputStream().write(1);
        assertThat(first.getInputStream().read()).isEqualTo(1);
        assertThatThrownBy(() -> exchange(proxy, "x")).isInstanceOf(SocketException.class);
        await().until(() -> proxy.observer().closed().size() == 1);
        assertThat(proxy.observer().closed().getFirst().flags())
            .isEqualTo(ResponseFlag.UPSTREAM_OVERFLOW);
      }
      await().until(() -> proxy.observer().closed().size() == 2);
      assertThat(exchange(proxy, "again")).isEqualTo("again");
    }
  }

  @Test
  void anIdleConnectionEnds() throws Exception {
    try (TestServer server = TestServer.echo();
        LoopbackProxy proxy = LoopbackProxy.start()) {
      proxy.serve(
          configuration(
              List.of(
                  plainTcp(
                      "listener",
                      new TerminalFilter.TcpProxy(
                          "tcp", List.of(new WeightedCluster("app", 1)), Duration.ofMillis(300)))),
              Map.of(cluster("app", null), List.of(endpoint(server.port())))));
      try (Socket client = new Socket()) {
        client.connect(proxy.address("listener"), 2000);
        client.setSoTimeout(10_000);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(proxy.observer().closed().getFirst().flags())
          .isEqualTo(ResponseFlag.STREAM_IDLE_TIMEOUT);
    }
  }

  /** Waits until the sender has begun and does not get on any more. */
  private static void awaitStalled(AtomicLong written) {
    AtomicLong before = new AtomicLong(-1);
    await()
        .pollInterval(300, TimeUnit.MILLISECONDS)
        .until(() -> {
          long now = written.get();
          return now > 0 && before.getAndSet(now) == now;
        });
  }

  private static TestServer answering(String answer) {
    return TestServer.start((socket, input, output) -> output.write(answer.getBytes(UTF_8)));
  }

  private static String exchange(LoopbackProxy proxy, String message) throws IOException {
    try (Socket client = new Socket()) {
      client.connect(proxy.address("listener"), 2000);
      client.setSoTimeout(10_000);
      client.getOutputStream().write(message.getBytes(UTF_8));
      client.shutdownOutput();
      return new String(client.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
