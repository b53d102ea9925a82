package dev.heddle.dataplane.telemetry;

import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Istio's standard metrics (names, labels and histogram buckets from its Prometheus statistics).
 * Meters are looked up once per set of labels. The number of sets is bounded: what comes beyond is
 * counted as dropped, so that neither clients nor a large cluster can fill the memory.
 */
public final class TrafficMetrics implements TrafficObserver {

  private static final Logger LOGGER = LoggerFactory.getLogger(TrafficMetrics.class);

  /** Sets of labels, for requests and for connections each. */
  private static final int MAX_SERIES = 2000;

  /** Of every histogram of Istio. */
  private static final double[] BUCKETS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  private static final double NANOS_PER_MILLI = 1e6;
  private static final String HTTP = "http";
  private static final String GRPC = "grpc";
  private static final String TCP = "tcp";

  private final MeterRegistry registry;
  private final Workload self;
  private final String trustDomain;
  private final Counter dropped;
  private final Map<TrafficLabels, RequestMeters> requests = new ConcurrentHashMap<>();
  private final Map<TrafficLabels, ConnectionMeters> connections = new ConcurrentHashMap<>();
  private final AtomicBoolean overflowLogged = new AtomicBoolean();

  /**
   * Meters of this proxy's traffic.
   *
   * @param self the workload that this proxy serves
   * @param trustDomain empty where there is none
   */
  public TrafficMetrics(MeterRegistry registry, Workload self, String trustDomain) {
    this.registry = registry;
    this.self = self;
    this.trustDomain = trustDomain;
    this.dropped =
        Counter.builder("heddle_metrics_dropped")
            .description("Observations not counted because there are too many distinct label sets")
            .register(registry);
  }

  @Override
  public void requestFinished(RequestReport report) {
    ConnectionContext connection = report.connection();
    RequestMeters meters =
        meters(
            requests,
            new TrafficLabels(
                connection.direction(),
                report.peer(),
                connection.peer(),
                report.destination(),
                report.grpc() ? GRPC : HTTP,
                report.status(),
                report.flags(),
                mutualTls(connection, report.upstreamMutualTls())),
            RequestMeters::new);
    if (meters != null) {
      meters.requests.increment();
      meters.duration.record(report.durationNanos() / NANOS_PER_MILLI);
      meters.requestBytes.record((double) report.requestBytes());
      meters.responseBytes.record((double) report.responseBytes());
    }
  }

  @Override
  public void requestMirrored(String cluster, MirrorOutcome outcome) {
    Counter.builder("heddle_mirrored_requests")
        .description("Copies of requests, by what became of them")
        .tag("cluster", cluster)
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }

  @Override
  public void connectionOpened(ConnectionReport report) {
    ConnectionMeters meters = meters(report);
    if (meters != null) {
      meters.opened.increment();
    }
  }

  @Override
  public void bytesCarried(ConnectionReport report, long sent, long received) {
    ConnectionMeters meters = meters(report);
    if (meters != null) {
      meters.sent.increment((double) sent);
      meters.received.increment((double) received);
    }
  }

  @Override
  public void connectionClosed(ConnectionReport report) {
    ConnectionMeters meters = meters(report);
    if (meters != null) {
      meters.closed.increment();
    }
  }

  private @Nullable ConnectionMeters meters(ConnectionReport report) {
    ConnectionContext connection = report.connection();
    return meters(
        connections,
        new TrafficLabels(
            connection.direction(),
            report.peer(),
            connection.peer(),
            report.destination(),
            TCP,
            0,
            report.flags(),
            mutualTls(connection, report.upstreamMutualTls())),
        ConnectionMeters::new);
  }

  /** Of the hop between the two proxies, whichever of them this is. */
  private static boolean mutualTls(ConnectionContext connection, boolean upstream) {
    return connection.direction() == TrafficDirection.OUTBOUND ? upstream : connection.mutualTls();
  }

  private <M> @Nullable M meters(
      Map<TrafficLabels, M> known, TrafficLabels labels, Function<Tags, M> create) {
    M meters = known.get(labels);
    if (meters != null) {
      return meters;
    }
    if (known.size() >= MAX_SERIES) {
      dropped.increment();
      if (overflowLogged.compareAndSet(false, true)) {
        LOGGER.warn(
            "More than {} distinct label sets; new ones are not counted from now on", MAX_SERIES);
      }
      return null;
    }
    return known.computeIfAbsent(labels, key -> create.apply(key.tags(self, trustDomain)));
  }

  private final class RequestMeters {
    private final Counter requests;
    private final DistributionSummary duration;
    private final DistributionSummary requestBytes;
    private final DistributionSummary responseBytes;

    RequestMeters(Tags tags) {
      this.requests = counter("istio_requests", tags);
      this.duration = histogram("istio_request_duration_milliseconds", tags);
      this.requestBytes = histogram("istio_request_bytes", tags);
      this.responseBytes = histogram("istio_response_bytes", tags);
    }
  }

  private final class ConnectionMeters {
    private final Counter opened;
    private final Counter closed;
    private final Counter sent;
    private final Counter received;

    ConnectionMeters(Tags tags) {
      this.opened = counter("istio_tcp_connections_opened", tags);
      this.closed = counter("istio_tcp_connections_closed", tags);
      this.sent = counter("istio_tcp_sent_bytes", tags);
      this.received = counter("istio_tcp_received_bytes", tags);
    }
  }

  /** Prometheus appends {@code _total}. */
  private Counter counter(String name, Tags tags) {
    return Counter.builder(name).tags(tags).register(registry);
  }

  private DistributionSummary histogram(String name, Tags tags) {
    return DistributionSummary.builder(name)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
