package dev.heddle.dataplane.upstream;

import static dev.heddle.dataplane.loopback.Configurations.cluster;
import static dev.heddle.dataplane.loopback.Configurations.configuration;
import static dev.heddle.dataplane.loopback.Configurations.endpoint;
import static dev.heddle.dataplane.loopback.Configurations.inbound;
import static dev.heddle.dataplane.loopback.Configurations.loopback;
import static dev.heddle.dataplane.loopback.Configurations.meshTls;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.loopback.LoopbackProxy;
import dev.heddle.dataplane.loopback.MeshAuthority;
import dev.heddle.dataplane.loopback.TestServer;
import dev.heddle.dataplane.tls.TlsContexts;
import dev.heddle.dataplane.tls.TlsSettings;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.SocketSettings;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;

/** A connector against the inbound listener of another proxy. */
@Timeout(60)
final class MutualTlsTest {
  private final MeshAuthority authority = MeshAuthority.create();
  private final AtomicReference<@Nullable WorkloadCertificate> certificate =
      new AtomicReference<>();
  private final Transport transport = Transport.open(1, SocketSettings.DEFAULT);
  private final EventLoop eventLoop = transport.eventLoops().next();
  private final NettyUpstreamConnector connector =
      new NettyUpstreamConnector(
          transport,
          new PerEventLoop<>(
              transport.eventLoops(),
              loop -> new TlsContexts(certificate::get, TlsSettings.DEFAULT, Clock.systemUTC())));
  private final EventLoopUpstreams upstreams =
      new EventLoopUpstreams(
          address -> false,
          NameResolution.ofSystem(),
          new SharedClusters(transport.eventLoops(), new HealthMetrics(new SimpleMeterRegistry())),
          new SplittableRandom(1),
          System::nanoTime);
  private final TestServer app = TestServer.echo();
  private final LoopbackProxy server = LoopbackProxy.start();

  @BeforeEach
  void serve() {
    certificate.set(authority.issue("client"));
    server
        .identity(authority.issue("server"))
        .serve(
            configuration(
                List.of(inbound("listener", tcp("app"))),
                Map.of(cluster("app", null), List.of(endpoint(app.port())))));
  }

  @AfterEach
  void end() throws Exception {
    server.close();
    transport.close();
    app.close();
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void bothSidesProveWhoTheyAre(@Nullable HttpProtocol protocol) throws Exception {
    Channel channel = connect("server", protocol);
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    assertThat(tls.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(channel.pipeline().names()).hasSize(2); // TLS and Netty's tail
    String sent = protocol == HttpProtocol.HTTP2 ? "PRI" : "hello";
    String expected =
        protocol == null ? "hello" : protocol + " " + MeshAuthority.id("client") + " " + sent;
    assertThat(exchange(channel, sent, expected.length())).isEqualTo(expected);
    if (protocol != null) {
      assertThat(server.httpConnections().getLast().mutualTls()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void anotherIdentityThanExpectedIsRefused(@Nullable HttpProtocol protocol) {
    assertThat(failure("somebody-else", protocol))
        .satisfies(failure -> {
          assertThat(failure.reason()).isEqualTo(UpstreamConnectException.Reason.IDENTITY_MISMATCH);
          assertThat(failure)
              .hasMessageContaining(MeshAuthority.id("server").toString())
              .hasMessageContaining(MeshAuthority.id("somebody-else").toString());
        });
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void aServerOfAnotherAuthorityIsRefused(@Nullable HttpProtocol protocol) {
    server.identity(MeshAuthority.create().issue("server", List.of(authority.root())));
    assertThat(failure("server", protocol).reason())
        .isEqualTo(UpstreamConnectException.Reason.TLS_HANDSHAKE);
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void aClientOfAnotherAuthorityGetsNoThrough(@Nullable HttpProtocol protocol) {
    certificate.set(MeshAuthority.create().issue("client", List.of(authority.root())));
    // In TLS 1.3 the client is done before the server has verified it: it learns at the first read.
    assertThat(catchThrowable(() -> exchange(connect("server", protocol), "hello", 5))).isNotNull();
    await().until(() -> server.closedEarly("tls_handshake") == 1);
    assertThat(server.httpConnections()).isEmpty();
    // Connected to perhaps, in case it speaks first, but told nothing.
    assertThat(app.received()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void anExpiredAnchorVouchesForNobody(@Nullable HttpProtocol protocol) {
    MeshAuthority expired = MeshAuthority.expired();
    server.identity(expired.issue("server"));
    certificate.set(expired.issue("client"));
    assertThat(failure("server", protocol).reason())
        .isEqualTo(UpstreamConnectException.Reason.TLS_HANDSHAKE);
  }

  @Test
  void withoutACertificateNothingIsSent() {
    certificate.set(null);
    assertThat(failure("server", null).reason())
        .isEqualTo(UpstreamConnectException.Reason.NO_CERTIFICATE);
    assertThat(server.connections().count()).isZero();
  }

  @Test
  void aServerWithoutACertificateRefuses() {
    server.identity(null);
    assertThat(failure("server", HttpProtocol.HTTP1).reason())
        .isIn(UpstreamConnectException.Reason.TLS_HANDSHAKE, UpstreamConnectException.Reason.OTHER);
    assertThat(server.closedEarly("no_certificate")).isEqualTo(1);
  }

  @Test
  void twoAnchorsAreGoodWhileTheRootIsChanged() throws Exception {
    MeshAuthority next = MeshAuthority.create();
    List<X509Certificate> both = List.of(authority.root(), next.root());
    certificate.set(authority.issue("client", both));
    server.identity(next.issue("server", both));
    assertThat(exchange(connect("server", null), "hello", 5)).isEqualTo("hello");
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void aServerThatIsNowSomebodyElseIsNoticed(@Nullable HttpProtocol protocol) throws Exception {
    assertThat(exchange(connect("server", protocol), "hello", 5)).isNotEmpty();
    // A session of the former must not be taken for one of the latter.
    server.identity(authority.issue("other"));
    assertThat(failure("server", protocol).reason())
        .isEqualTo(UpstreamConnectException.Reason.IDENTITY_MISMATCH);
  }

  @ParameterizedTest
  @EnumSource
  @NullSource
  void rotationUnderLoadDropsNothing(@Nullable HttpProtocol protocol) throws Exception {
    Channel old = connect("server", protocol);
    for (int i = 0; i < 50; i++) {
      certificate.set(authority.issue("client"));
      server.identity(authority.issue("server"));
      Channel fresh = connect("server", protocol);
      assertThat(exchange(fresh, "x" + i, 2)).isNotEmpty();
      fresh.close().sync();
      assertThat(exchange(old, "y" + i, 2)).isNotEmpty();
    }
  }

  private Channel connect(String serverIdentity, @Nullable HttpProtocol protocol)
      throws InterruptedException, ExecutionException {
    Cluster cluster = cluster("server", meshTls(serverIdentity));
    InetSocketAddress address = server.address("listener");
    ProxyConfiguration configuration =
        configuration(List.of(), Map.of(cluster, List.of(endpoint(address.getPort()))));
    CompletableFuture<Channel> connected = new CompletableFuture<>();
    eventLoop.execute(() -> {
      PickedEndpoint picked = upstreams.pick(configuration, cluster, loopback(1), Set.of(), 0);
      if (picked == null) {
        connected.completeExceptionally(new AssertionError("no endpoint"));
        return;
      }
      connector
          .connect(eventLoop, picked, protocol)
          .addListener(done -> {
            picked.finished(-1, Outcome.NEUTRAL);
            if (done.isSuccess()) {
              connected.complete((Channel) done.getNow());
            } else {
              connected.completeExceptionally(done.cause());
            }
          });
    });
    return connected.get();
  }

  private UpstreamConnectException failure(String serverIdentity, @Nullable HttpProtocol protocol) {
    Throwable thrown = catchThrowable(() -> connect(serverIdentity, protocol));
    if (thrown != null && thrown.getCause() instanceof UpstreamConnectException failure) {
      return failure;
    }
    throw new AssertionError("connecting did not fail as expected", thrown);
  }

  private static String exchange(Channel channel, String message, int bytes) throws Exception {
    ByteBuf answer = Unpooled.buffer();
    CompletableFuture<String> whole = new CompletableFuture<>();
    channel
        .pipeline()
        .addLast(
            "exchange",
            new SimpleChannelInboundHandler<ByteBuf>() {
              @Override
              protected void channelRead0(ChannelHandlerContext context, ByteBuf piece) {
                answer.writeBytes(piece);
                if (answer.readableBytes() >= bytes) {
                  whole.complete(answer.toString(UTF_8));
                }
              }

              @Override
              public void channelInactive(ChannelHandlerContext context) {
                whole.completeExceptionally(new AssertionError("closed"));
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                whole.completeExceptionally(cause);
              }
            });
    channel.config().setAutoRead(true);
    channel.writeAndFlush(Unpooled.copiedBuffer(message, UTF_8));
    String text = whole.get(10, TimeUnit.SECONDS);
    channel.pipeline().replace("exchange", "rest", new ChannelInboundHandlerAdapter());
    channel.pipeline().remove("rest");
    return text;
  }
}
