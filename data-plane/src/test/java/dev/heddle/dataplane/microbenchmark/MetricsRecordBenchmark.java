package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.TrafficMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counting one request in Istio's four standard metrics. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MetricsRecordBenchmark {
  private static final Workload WEB =
      new Workload("web-v1", "Deployment", "shop", "web", "web-1", "web", "v1");
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);

  private final TrafficMetrics metrics =
      new TrafficMetrics(
          new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), WEB, "cluster.local");
  private final ConnectionContext connection = context();
  private long duration;

  private static ConnectionContext context() {
    Listener listener = Served.listener(Served.configuration());
    return new ConnectionContext(
        listener, listener.filterChains().getFirst(), ADDRESS, ADDRESS, null, false);
  }

  @Benchmark
  public long record() {
    duration = (duration + 9973) & 0xFF_FFFF;
    metrics.requestFinished(
        new RequestReport(
            connection,
            HttpProtocol.HTTP1,
            false,
            "GET",
            "web",
            "/",
            200,
            -1,
            null,
            null,
            WEB,
            ADDRESS,
            true,
            0,
            200,
            0,
            duration,
            1,
            null));
    return duration;
  }
}
