package dev.heddle.dataplane.loopback;

import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.discovery.Discovered;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.lifecycle.OpenConnections;
import dev.heddle.dataplane.listener.ConnectionServices;
import dev.heddle.dataplane.listener.ListenerMetrics;
import dev.heddle.dataplane.listener.ListenerSettings;
import dev.heddle.dataplane.listener.Listeners;
import dev.heddle.dataplane.overload.Memory;
import dev.heddle.dataplane.tcp.TcpProxy;
import dev.heddle.dataplane.tcp.TcpSettings;
import dev.heddle.dataplane.tls.TlsContexts;
import dev.heddle.dataplane.tls.TlsSettings;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.transport.SocketSettings;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.upstream.EventLoopUpstreams;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.NameResolution;
import dev.heddle.dataplane.upstream.NettyUpstreamConnector;
import dev.heddle.dataplane.upstream.SharedClusters;
import dev.heddle.meshapi.identity.WorkloadCertificate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The L4 half of a proxy on loopback sockets. HTTP connections are answered by what they were
 * recognized as: {@code <protocol> <peer>} and the bytes received.
 */
public final class LoopbackProxy implements AutoCloseable {
  public static final TcpSettings TCP =
      new TcpSettings(3, Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMillis(200));
  public static final ListenerSettings LISTENERS =
      new ListenerSettings(
          Duration.ofMillis(5),
          Duration.ofMillis(200),
          Duration.ofMillis(500),
          Duration.ofSeconds(20));

  private final Transport transport = Transport.open(1, SocketSettings.DEFAULT);
  private final AtomicReference<@Nullable WorkloadCertificate> certificate =
      new AtomicReference<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final RecordingObserver observer = new RecordingObserver();
  private final List<ConnectionContext> httpConnections = new CopyOnWriteArrayList<>();
  private final OpenConnections connections;
  private final Listeners listeners;
  private volatile ProxyConfiguration configuration = ProxyConfiguration.EMPTY;

  private LoopbackProxy(int connectionLimit) {
    connections = new OpenConnections(connectionLimit);
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    PerEventLoop<TlsContexts> tls =
        new PerEventLoop<>(
            transport.eventLoops(),
            loop -> new TlsContexts(certificate::get, TlsSettings.DEFAULT, Clock.systemUTC()));
    NameResolution names = NameResolution.ofSystem();
    SharedClusters shared = new SharedClusters(transport.eventLoops(), new HealthMetrics(registry));
    PerEventLoop<EventLoopUpstreams> upstreams =
        new PerEventLoop<>(
            transport.eventLoops(),
            loop ->
                new EventLoopUpstreams(
                    address -> false, names, shared, new SplittableRandom(7), System::nanoTime));
    TcpProxy tcp =
        new TcpProxy(
            () -> configuration,
            upstreams,
            new NettyUpstreamConnector(transport, tls),
            observer,
            random,
            TCP);
    listeners =
        new Listeners(
            transport,
            new ConnectionServices(
                () -> configuration,
                (destination, done) -> done.accept(new Discovered.NotInMesh()),
                tls,
                TlsSettings.DEFAULT,
                tcp,
                this::http,
                connections,
                Memory.plenty(),
                new ListenerMetrics(registry, connections),
                LISTENERS),
            address -> false);
  }

  public static LoopbackProxy start() {
    return start(1000);
  }

  public static LoopbackProxy start(int connectionLimit) {
    return new LoopbackProxy(connectionLimit);
  }

  /** Serves by a configuration, once its sockets are bound. */
  public LoopbackProxy serve(ProxyConfiguration next) {
    configuration = next;
    listeners.apply(next);
    await().until(listeners::allBound);
    return this;
  }

  public LoopbackProxy identity(@Nullable WorkloadCertificate next) {
    certificate.set(next);
    return this;
  }

  public InetSocketAddress address(String listener) {
    InetSocketAddress address = listeners.address(listener);
    if (address == null) {
      throw new AssertionError(listener + " is not bound");
    }
    return address;
  }

  public RecordingObserver observer() {
    return observer;
  }

  public OpenConnections connections() {
    return connections;
  }

  public Listeners listeners() {
    return listeners;
  }

  /** The HTTP connections handed over so far. */
  public List<ConnectionContext> httpConnections() {
    return httpConnections;
  }

  /** Connections closed without being served, for a reason. */
  public double closedEarly(String reason) {
    return registry.get("heddle.connections.closed.early").tag("reason", reason).counter().count();
  }

  public double count(String counter) {
    return registry.get(counter).counter().count();
  }

  @Override
  public void close() {
    listeners.stopAccepting();
    transport.close();
  }

  private void http(
      Channel channel,
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol) {
    httpConnections.add(context);
    channel
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<ByteBuf>() {
              @Override
              protected void channelRead0(ChannelHandlerContext handler, ByteBuf bytes) {
                String answer =
                    protocol + " " + context.peer() + " " + bytes.toString(StandardCharsets.UTF_8);
                handler.writeAndFlush(
                    handler.alloc().buffer().writeBytes(answer.getBytes(StandardCharsets.UTF_8)));
              }

              @Override
              public void userEventTriggered(ChannelHandlerContext handler, Object event) {
                if (event == DrainNotice.INSTANCE) {
                  handler.close();
                }
              }
            });
    channel.config().setAutoRead(true);
  }
}
