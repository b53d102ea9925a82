package dev.heddle.dataplane.http;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.http.exchange.ExchangeServices;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.filter.RateLimits;
import dev.heddle.dataplane.http.pool.UpstreamPools;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.util.SplittableRandom;

/** The HTTP data path's state on one event loop. */
final class HttpLoop {
  private final WriteBatch batch;
  private final ExchangeServices services;

  HttpLoop(
      EventLoop eventLoop,
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamConnector connector,
      TrafficObserver observer,
      Workload local,
      Clock clock,
      HttpLimits limits,
      RateLimits rateLimits,
      MemoryGuard memory,
      ExportMonitor exports) {
    this.batch = new WriteBatch(eventLoop);
    UpstreamPools pools =
        new UpstreamPools(
            eventLoop,
            connector,
            batch,
            limits,
            configuration,
            changed -> services().forgetClustersNotIn(changed.clusters().keySet()));
    this.services =
        new ExchangeServices(
            eventLoop,
            configuration,
            upstreams,
            pools,
            observer,
            new SplittableRandom(),
            clock,
            limits,
            rateLimits,
            local,
            memory,
            exports);
  }

  WriteBatch batch() {
    return batch;
  }

  ExchangeServices services() {
    return services;
  }
}
