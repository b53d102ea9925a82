package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.Tracing;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.filter.RequestFilters;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.tracing.RequestTrace;
import dev.heddle.dataplane.http.tracing.RequestTracing;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.telemetry.TrafficObserver;
import dev.heddle.dataplane.upstream.Upstreams;
import io.netty.util.AsciiString;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What the exchanges of one event loop share. Used on that loop only. */
public final class ExchangeServices {
  private final LiveConfiguration configuration;
  private final Upstreams upstreams;
  private final UpstreamSource source;
  private final TrafficObserver observer;
  private final RandomGenerator random;
  private final Clock clock;
  private final HttpLimits limits;
  private final MemoryGuard memory;
  private final Admission admission;
  private final RequestMirror mirror;
  private final AsciiString sourceHeader;
  private final Supplier<RequestTracing> makeTracing;

  /** Made with the first request that is traced: most proxies trace nothing. */
  private @Nullable RequestTracing tracing;

  private final Map<String, ClusterLoad> loads = new HashMap<>();

  /**
   * Makes what one loop has.
   *
   * @param sourceHeader the value of {@code heddle-source}; empty for none
   * @param makeTracing called once, with the first request that is traced
   */
  public ExchangeServices(
      LiveConfiguration configuration,
      Upstreams upstreams,
      UpstreamSource source,
      TrafficObserver observer,
      RandomGenerator random,
      Clock clock,
      HttpLimits limits,
      MemoryGuard memory,
      RequestFilters filters,
      RequestMirror mirror,
      AsciiString sourceHeader,
      Supplier<RequestTracing> makeTracing) {
    this.configuration = configuration;
    this.upstreams = upstreams;
    this.source = source;
    this.observer = observer;
    this.random = random;
    this.clock = clock;
    this.limits = limits;
    this.memory = memory;
    this.admission = new Admission(filters);
    this.mirror = mirror;
    this.sourceHeader = sourceHeader;
    this.makeTracing = makeTracing;
  }

  /** Whether there is too little memory for another request. */
  public boolean memoryIsShort() {
    return memory.isShort();
  }

  /** Reports a request that was refused before it became an exchange. */
  public void refused(ConnectionScope scope, int status, ResponseFlag flag) {
    observer.requestFinished(
        new RequestReport(
            scope.context(),
            scope.protocol(),
            false,
            "",
            "",
            "",
            status,
            -1,
            flag,
            null,
            scope.caller(null),
            null,
            false,
            0,
            0,
            clock.millis(),
            0,
            0,
            null));
  }

  LiveConfiguration configuration() {
    return configuration;
  }

  Upstreams upstreams() {
    return upstreams;
  }

  UpstreamSource source() {
    return source;
  }

  TrafficObserver observer() {
    return observer;
  }

  RandomGenerator random() {
    return random;
  }

  Clock clock() {
    return clock;
  }

  HttpLimits limits() {
    return limits;
  }

  RequestMirror mirror() {
    return mirror;
  }

  Admission admission() {
    return admission;
  }

  /**
   * Begins the span of a request.
   *
   * @param route null where none matches
   * @return null if its connection manager has no tracing
   */
  @Nullable RequestTrace trace(
      ConnectionScope scope, RouteConfiguration.@Nullable Route route, RequestHead request) {
    Tracing configured = scope.filter().tracing();
    if (configured == null) {
      return null;
    }
    RequestTracing traces = tracing;
    if (traces == null) {
      traces = makeTracing.get();
      tracing = traces;
    }
    return traces.begin(
        configured,
        route == null ? Tracing.ForRoute.NOTHING : route.tracing(),
        request,
        scope.context(),
        scope.protocol());
  }

  /** Exports the spans that wait; done when all of them are delivered or lost. */
  public CompletableFuture<Void> flushSpans() {
    return tracing == null ? CompletableFuture.completedFuture(null) : tracing.flush();
  }

  /** What {@code heddle-source} says of this proxy's workload; empty if it has none. */
  AsciiString sourceHeader() {
    return sourceHeader;
  }

  ClusterLoad load(String cluster) {
    ClusterLoad load = loads.get(cluster);
    if (load == null) {
      load = new ClusterLoad();
      loads.put(cluster, load);
    }
    return load;
  }

  /** Drops what is kept for clusters that are no longer configured and carry nothing. */
  public void forgetClustersNotIn(Set<String> clusters) {
    loads
        .entrySet()
        .removeIf(load -> load.getValue().requests == 0 && !clusters.contains(load.getKey()));
  }

  /** What one cluster carries on one event loop. */
  static final class ClusterLoad {
    final RetryBudget retries = new RetryBudget();
    int requests;
  }
}
