package dev.heddle.smiadapter.reviews;

import com.fasterxml.jackson.databind.JsonNode;
import dev.heddle.smiadapter.conversion.SmiKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what becomes of objects, by kind and outcome. */
final class ReviewMetrics {
  private static final String UNKNOWN = "unknown";

  private final MeterRegistry registry;
  private final String name;
  private final String description;

  /**
   * Makes the counters of one sort of review.
   *
   * @param name of the metric
   * @param description what is counted
   */
  ReviewMetrics(MeterRegistry registry, String name, String description) {
    this.registry = registry;
    this.name = name;
    this.description = description;
  }

  void count(JsonNode object, String outcome) {
    String apiVersion = object.path("apiVersion").asText("");
    String group = apiVersion.substring(0, Math.max(0, apiVersion.indexOf('/')));
    count(
        SmiKind.of(group, object.path("kind").asText("")).map(SmiKind::kind).orElse(UNKNOWN),
        outcome);
  }

  /** Counts a review that got no answer. */
  void failed() {
    count(UNKNOWN, "failed");
  }

  private void count(String kind, String outcome) {
    Counter.builder(name)
        .description(description)
        .tag("kind", kind)
        .tag("outcome", outcome)
        .register(registry)
        .increment();
  }
}
