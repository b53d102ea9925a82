package dev.heddle.smiadapter.injection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what becomes of pods. */
final class InjectionMetrics {
  private final Counter injected;
  private final Counter unchanged;
  private final Counter refused;
  private final Counter failed;

  InjectionMetrics(MeterRegistry registry) {
    injected = counter(registry, "injected");
    unchanged = counter(registry, "unchanged");
    refused = counter(registry, "refused");
    failed = counter(registry, "failed");
  }

  void injected() {
    injected.increment();
  }

  void unchanged() {
    unchanged.increment();
  }

  void refused() {
    refused.increment();
  }

  void failed() {
    failed.increment();
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("heddle_injection_reviews_total")
        .description("Pods reviewed by the injector")
        .tag("outcome", outcome)
        .register(registry);
  }
}
