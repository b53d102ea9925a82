package dev.heddle.dataplane.tcp;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TlsCertificate;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.telemetry.ConnectionReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.transport.Transport;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.meshapi.identity.SpiffeId;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection carried as bytes, from the choice of an endpoint to the end of both sides. The end
 * of one direction is passed on while the other goes on; a broken side, or one that no longer takes
 * what is sent to it, breaks the other, so that nobody takes a cut stream for a whole one.
 */
final class Relay {
  private static final Logger LOGGER = LoggerFactory.getLogger(Relay.class);

  private final Channel downstream;
  private final ConnectionContext context;
  private final TrafficObserver observer;
  private final TcpSettings settings;
  private final long idleNanos;
  private final long startEpochMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();
  private final RelaySide client;

  private @Nullable RelaySide server;
  private UpstreamLeg.@Nullable Established upstream;
  private @Nullable UpstreamLeg leg;
  private @Nullable ConnectionReport report;
  private @Nullable ScheduledFuture<?> tick;
  private @Nullable ScheduledFuture<?> lingering;
  private long lastActivity = startNanos;
  private long reportedSent;
  private long reportedReceived;
  private boolean finished;

  Relay(
      Channel downstream,
      ConnectionContext context,
      TerminalFilter.TcpProxy filter,
      TrafficObserver observer,
      TcpSettings settings) {
    this.downstream = downstream;
    this.context = context;
    this.observer = observer;
    this.settings = settings;
    this.idleNanos = filter.idleTimeout().toNanos();
    this.client = new RelaySide(this, downstream);
  }

  void start(UpstreamLeg newLeg) {
    leg = newLeg;
    downstream.pipeline().addLast(client);
    newLeg.take(this);
  }

  /** The leg has its connection. */
  void connected(UpstreamLeg.Established established) {
    if (finished) {
      established.picked().finished(established.connectNanos(), Outcome.SUCCESS);
      established.channel().close();
      return;
    }
    upstream = established;
    RelaySide newServer = new RelaySide(this, established.channel());
    server = newServer;
    established.channel().pipeline().addLast(newServer);
    ConnectionReport opened = report(established, null);
    report = opened;
    observer.connectionOpened(opened);
    scheduleTick();
    client.pair(newServer);
    newServer.pair(client);
    client.resume();
    newServer.resume();
  }

  /** There is no endpoint: the client sees a reset, as it would have without a proxy. */
  void notConnected(ResponseFlag flag, @Nullable Cluster cluster) {
    if (finished) {
      return;
    }
    LOGGER
        .atDebug()
        .addKeyValue("listener", context.listener().name())
        .addKeyValue("originalDestination", context.originalDestination())
        .addKeyValue("flag", flag.code())
        .log("a connection has no upstream");
    report =
        new ConnectionReport(
            context,
            cluster == null ? null : cluster.destination(),
            peer(null),
            null,
            false,
            flag,
            startEpochMillis,
            startNanos);
    observer.connectionOpened(report);
    finish(flag);
    Transport.reset(downstream);
  }

  void active() {
    lastActivity = System.nanoTime();
  }

  /** A side has ended what it sends, in order. */
  void ended(RelaySide side) {
    active();
    RelaySide other = side.other();
    if (other == null) {
      return; // The upstream is not there yet: passed on when it is.
    }
    other.endOutput();
  }

  /** Both directions of a side are through. */
  void outputEnded(RelaySide side) {
    RelaySide other = side.other();
    if (other != null && other.outputDone() && side.outputDone()) {
      finish(null);
      side.channel().close();
      other.channel().close();
    }
  }

  /** A side is gone. What it sent before is still delivered. */
  void closed(RelaySide side) {
    RelaySide other = side.other();
    if (other == null) {
      finish(ResponseFlag.DOWNSTREAM_TERMINATION);
      return;
    }
    if (other.channel().isActive()) {
      other.closeAfterFlush();
      lingerAtMost(other.channel());
    }
    finish(null);
  }

  /** A side broke: the other must not take what it has for the whole. */
  void broken(RelaySide side, Throwable cause) {
    LOGGER
        .atDebug()
        .addKeyValue("listener", context.listener().name())
        .addKeyValue("side", side == client ? "downstream" : "upstream")
        .addKeyValue("cause", cause.toString())
        .log("a connection broke");
    finish(
        side == client
            ? ResponseFlag.DOWNSTREAM_TERMINATION
            : ResponseFlag.UPSTREAM_CONNECTION_TERMINATION);
    Transport.reset(side.channel());
    RelaySide other = side.other();
    if (other != null) {
      Transport.reset(other.channel());
    }
  }

  private void tick() {
    tick = null;
    if (finished) {
      return;
    }
    reportBytes();
    long silent = System.nanoTime() - lastActivity;
    boolean halfClosed = client.inputEnded() || (server != null && server.inputEnded());
    boolean idle = idleNanos > 0 && silent >= idleNanos;
    if (idle || (halfClosed && silent >= settings.halfClosedTimeout().toNanos())) {
      finish(ResponseFlag.STREAM_IDLE_TIMEOUT);
      downstream.close();
      if (upstream != null) {
        upstream.channel().close();
      }
      return;
    }
    scheduleTick();
  }

  private void scheduleTick() {
    long interval = settings.reportInterval().toNanos();
    if (idleNanos > 0) {
      interval = Math.min(interval, idleNanos);
    }
    tick = downstream.eventLoop().schedule(this::tick, interval, TimeUnit.NANOSECONDS);
  }

  private void lingerAtMost(Channel channel) {
    if (lingering == null) {
      ScheduledFuture<?> bound =
          channel
              .eventLoop()
              .schedule(
                  () -> Transport.reset(channel),
                  settings.linger().toNanos(),
                  TimeUnit.NANOSECONDS);
      lingering = bound;
      channel.closeFuture().addListener(done -> bound.cancel(false));
    }
  }

  private void finish(@Nullable ResponseFlag flag) {
    if (finished) {
      return;
    }
    finished = true;
    if (tick != null) {
      tick.cancel(false);
    }
    client.releasePending();
    UpstreamLeg.Established established = upstream;
    if (established != null) {
      established.picked().finished(established.connectNanos(), Outcome.SUCCESS);
    } else if (leg != null && report == null) {
      // The client went away while the upstream was being connected; connected() closes it.
      report =
          new ConnectionReport(
              context, null, peer(null), null, false, flag, startEpochMillis, startNanos);
      observer.connectionOpened(report);
    }
    reportBytes();
    observer.connectionClosed(established == null ? requireReport() : report(established, flag));
  }

  private ConnectionReport requireReport() {
    ConnectionReport made = report;
    if (made == null) {
      throw new IllegalStateException("a relay that was not started has ended");
    }
    return made;
  }

  /** Sent is towards the client and received from it, as Istio's metrics count. */
  private void reportBytes() {
    RelaySide from = server;
    ConnectionReport opened = report;
    if (from == null || opened == null) {
      return;
    }
    long sent = from.bytes();
    long received = client.bytes();
    if (sent != reportedSent || received != reportedReceived) {
      observer.bytesCarried(opened, sent - reportedSent, received - reportedReceived);
      reportedSent = sent;
      reportedReceived = received;
    }
  }

  private ConnectionReport report(
      UpstreamLeg.Established established, @Nullable ResponseFlag flag) {
    UpstreamTls tls = established.picked().tls();
    InetSocketAddress address = established.picked().endpoint().address();
    return new ConnectionReport(
        context,
        established.picked().cluster().destination(),
        peer(established.picked().endpoint().workload()),
        address,
        tls != null && tls.certificate() instanceof TlsCertificate.Workload,
        flag,
        startEpochMillis,
        startNanos);
  }

  /** Outbound the endpoint's workload; inbound what the caller's certificate says of it. */
  private Workload peer(@Nullable Workload endpoint) {
    if (context.direction() == TrafficDirection.INBOUND) {
      SpiffeId caller = context.peer();
      return caller == null
          ? Workload.UNKNOWN
          : new Workload("", "", caller.namespace(), caller.serviceAccount(), "", "", "");
    }
    return endpoint == null ? Workload.UNKNOWN : endpoint;
  }
}
