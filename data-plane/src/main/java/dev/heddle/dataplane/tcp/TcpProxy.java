package dev.heddle.dataplane.tcp;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.upstream.Hashes;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/** The terminal filter for bytes. */
public final class TcpProxy {
  private final LiveConfiguration configuration;
  private final PerEventLoop<? extends Upstreams> upstreams;
  private final UpstreamConnector connector;
  private final TrafficObserver observer;
  private final RandomGenerator random;
  private final TcpSettings settings;

  /**
   * @param random safe on any thread
   */
  public TcpProxy(
      LiveConfiguration configuration,
      PerEventLoop<? extends Upstreams> upstreams,
      UpstreamConnector connector,
      TrafficObserver observer,
      RandomGenerator random,
      TcpSettings settings) {
    this.configuration = configuration;
    this.upstreams = upstreams;
    this.connector = connector;
    this.observer = observer;
    this.random = random;
    this.settings = settings;
  }

  /**
   * Begins to connect to an endpoint. Called on the event loop of the downstream connection.
   *
   * @param source the client
   */
  public UpstreamLeg open(
      EventLoop eventLoop,
      InetSocketAddress source,
      InetSocketAddress originalDestination,
      TerminalFilter.TcpProxy filter) {
    UpstreamLeg leg =
        new UpstreamLeg(
            configuration,
            upstreams.of(eventLoop),
            connector,
            random,
            eventLoop,
            originalDestination,
            filter,
            settings.connectAttempts(),
            filter.hashSource() && !source.isUnresolved()
                ? Hashes.xx(source.getAddress().getHostAddress(), 0)
                : 0);
    leg.open();
    return leg;
  }

  /** Opens a leg and carries bytes over it. */
  public void relay(Channel downstream, ConnectionContext context, TerminalFilter.TcpProxy filter) {
    relay(
        downstream,
        context,
        filter,
        open(downstream.eventLoop(), context.source(), context.originalDestination(), filter));
  }

  /**
   * Carries bytes over a leg opened before. The downstream pipeline holds TLS (if any) and nothing
   * else; bytes read so far are fired into it after this returns.
   */
  public void relay(
      Channel downstream,
      ConnectionContext context,
      TerminalFilter.TcpProxy filter,
      UpstreamLeg leg) {
    new Relay(downstream, context, filter, observer, settings).start(leg);
  }
}
