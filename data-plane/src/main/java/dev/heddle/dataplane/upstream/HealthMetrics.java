package dev.heddle.dataplane.upstream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/**
 * What is counted of the health of endpoints. Meters come to be when there is something to count.
 */
public final class HealthMetrics {
  private final MeterRegistry registry;

  public HealthMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void ejected(OutlierDetector.Cause cause) {
    Counter.builder("heddle.endpoints.ejected")
        .description("endpoints set aside by outlier detection")
        .tag("cause", cause.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .increment();
  }

  void ejectionOverflow() {
    count("heddle.endpoints.ejections.overflow", "ejections that would have been too many");
  }

  void returned() {
    count("heddle.endpoints.returned", "endpoints no longer set aside");
  }

  /** An active health check ended. */
  public void checked(boolean success) {
    Counter.builder("heddle.health.checks")
        .description("active health checks")
        .tag("result", success ? "success" : "failure")
        .register(registry)
        .increment();
  }

  private void count(String name, String description) {
    Counter.builder(name).description(description).register(registry).increment();
  }
}
