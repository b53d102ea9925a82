package dev.heddle.smiadapter.trafficmetrics;

import dev.heddle.smiadapter.telemetry.Counts;
import java.util.List;

/**
 * One of the numbers of a TrafficMetrics object.
 *
 * <p>Latencies are Quantities of seconds, as the specification's text says. The Go types of the SMI
 * SDK take any unit, and name it; the one server that was built with them gave milliseconds.
 *
 * @param name as the specification calls it
 * @param unit empty for a count
 * @param value a Kubernetes Quantity in its canonical form
 */
public record Metric(String name, String unit, String value) {

  private static final String SECONDS = "seconds";
  private static final long MICROS_PER_MILLI = 1_000;
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** All of them, in the specification's order. */
  public static List<Metric> of(Counts counts) {
    return List.of(
        latency("p99_response_latency", counts, 99),
        latency("p90_response_latency", counts, 90),
        latency("p50_response_latency", counts, 50),
        new Metric("success_count", "", Long.toString(counts.successes())),
        new Metric("failure_count", "", Long.toString(counts.failures())));
  }

  private static Metric latency(String name, Counts counts, double percent) {
    return new Metric(
        name, SECONDS, seconds(Math.round(counts.latency().percentileMicros(percent))));
  }

  /** Canonical is the largest suffix that needs no fraction. */
  private static String seconds(long micros) {
    if (micros % MICROS_PER_SECOND == 0) {
      return Long.toString(micros / MICROS_PER_SECOND);
    }
    return micros % MICROS_PER_MILLI == 0 ? micros / MICROS_PER_MILLI + "m" : micros + "u";
  }
}
