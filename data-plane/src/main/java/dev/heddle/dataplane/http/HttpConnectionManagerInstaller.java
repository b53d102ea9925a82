package dev.heddle.dataplane.http;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.ConnectionHandover;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.filter.RateLimits;
import dev.heddle.dataplane.http.http1.Http1ServerConnection;
import dev.heddle.dataplane.http.http2.Http2ServerConnection;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.transport.PerEventLoop;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Takes over downstream channels that speak HTTP. State is kept per event loop; what serves a
 * channel never leaves the channel's loop.
 */
public final class HttpConnectionManagerInstaller implements ConnectionHandover {
  private final PerEventLoop<HttpLoop> loops;
  private final HttpLimits limits;

  /**
   * Makes the state of every loop.
   *
   * @param group the loops that downstream channels are on
   * @param local the workload this proxy serves, told to other proxies
   */
  public HttpConnectionManagerInstaller(
      EventLoopGroup group,
      LiveConfiguration configuration,
      PerEventLoop<? extends Upstreams> upstreams,
      UpstreamConnector connector,
      TrafficObserver observer,
      Workload local,
      Clock clock,
      HttpLimits limits,
      MemoryGuard memory,
      ExportMonitor exports) {
    this.limits = limits;
    RateLimits rateLimits = new RateLimits(System::nanoTime);
    this.loops =
        new PerEventLoop<>(
            group,
            eventLoop ->
                new HttpLoop(
                    eventLoop,
                    configuration,
                    upstreams.of(eventLoop),
                    connector,
                    observer,
                    local,
                    clock,
                    limits,
                    rateLimits,
                    memory,
                    exports));
  }

  @Override
  public void http(
      Channel channel,
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol) {
    boundDuration(channel, filter.connectionLimits().maxDuration());
    HttpLoop loop = loops.of(channel.eventLoop());
    switch (protocol) {
      case HTTP1 ->
          Http1ServerConnection.install(
              channel, loop.services(), loop.batch(), limits, context, filter);
      case HTTP2 ->
          Http2ServerConnection.install(
              channel, loop.services(), loop.batch(), limits, context, filter);
    }
  }

  /** Exports the spans that wait; done when all of them are delivered or lost. */
  public CompletableFuture<Void> flushSpans() {
    return CompletableFuture.allOf(
        loops.each(loop -> loop.services().flushSpans()).toArray(CompletableFuture<?>[]::new));
  }

  /** A connection that is old enough ends as in a drain: what is under way is finished. */
  private static void boundDuration(Channel channel, Duration longest) {
    if (longest.isPositive()) {
      ScheduledFuture<?> end =
          channel
              .eventLoop()
              .schedule(
                  () -> channel.pipeline().fireUserEventTriggered(DrainNotice.INSTANCE),
                  longest.toNanos(),
                  TimeUnit.NANOSECONDS);
      channel.closeFuture().addListener(closed -> end.cancel(false));
    }
  }
}
