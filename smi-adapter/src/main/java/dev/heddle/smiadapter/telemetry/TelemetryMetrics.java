package dev.heddle.smiadapter.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what is reported, and what is not taken. */
public final class TelemetryMetrics {

  private final MeterRegistry registry;
  private final Counter reports;
  private final Counter repeated;
  private final Counter droppedEdges;
  private final Counter replicaFailures;

  /** Registers the meters. */
  public TelemetryMetrics(MeterRegistry registry, SlidingWindow window) {
    this.registry = registry;
    this.reports = counter("heddle_telemetry_reports", "Reports of proxies that were taken");
    this.repeated = counter("heddle_telemetry_repeated", "Reports that had been taken before");
    this.droppedEdges =
        counter("heddle_telemetry_dropped_edges", "Edges of reports for which there was no room");
    this.replicaFailures =
        counter("heddle_telemetry_replica_failures", "Replicas that did not tell what they know");
    Gauge.builder("heddle_telemetry_edges", window, SlidingWindow::size)
        .description("Edges that had traffic within the window")
        .register(registry);
  }

  void taken() {
    reports.increment();
  }

  void repeated() {
    repeated.increment();
  }

  void droppedEdges(long edges) {
    droppedEdges.increment((double) edges);
  }

  void replicaFailed() {
    replicaFailures.increment();
  }

  /**
   * A report was refused.
   *
   * @param reason {@code account}, {@code pod} or {@code invalid}
   */
  void refused(String reason) {
    registry.counter("heddle_telemetry_refused", "reason", reason).increment();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
