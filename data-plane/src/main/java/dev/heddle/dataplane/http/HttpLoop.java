package dev.heddle.dataplane.http;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.http.exchange.ExchangeServices;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.filter.RateLimits;
import dev.heddle.dataplane.http.filter.RequestFilters;
import dev.heddle.dataplane.http.ownrequest.ClusterFetcher;
import dev.heddle.dataplane.http.ownrequest.CollectorTransport;
import dev.heddle.dataplane.http.ownrequest.MirrorSender;
import dev.heddle.dataplane.http.pool.UpstreamPools;
import dev.heddle.dataplane.http.tracing.RequestTracing;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.trace.ExportMonitor;
import dev.heddle.dataplane.trace.SpanExporters;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import java.time.Clock;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

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
    RandomGenerator random = new SplittableRandom();
    AsciiString sourceHeader = sourceHeader(local);
    this.services =
        new ExchangeServices(
            configuration,
            upstreams,
            pools,
            observer,
            random,
            clock,
            limits,
            memory,
            new RequestFilters(
                rateLimits,
                new ClusterFetcher(eventLoop, configuration, upstreams, pools),
                clock,
                random),
            new MirrorSender(eventLoop, upstreams, pools, observer, sourceHeader),
            sourceHeader,
            () ->
                new RequestTracing(
                    new SpanExporters(
                        new CollectorTransport(eventLoop, configuration, upstreams, pools),
                        eventLoop,
                        exports),
                    random,
                    clock));
  }

  private static AsciiString sourceHeader(Workload local) {
    return local.name().isEmpty()
        ? AsciiString.EMPTY_STRING
        : AsciiString.of(local.name() + "." + local.namespace());
  }

  WriteBatch batch() {
    return batch;
  }

  ExchangeServices services() {
    return services;
  }
}
