package dev.heddle.smiadapter.trafficmetrics;

import dev.heddle.smiadapter.telemetry.Counts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One TrafficMetrics object.
 *
 * @param resource whose traffic
 * @param labels of that object
 * @param edge which part of it
 * @param backend the backend of a split that it is about; null for any other kind
 * @param counts the traffic
 */
public record Row(
    Reference resource,
    Map<String, String> labels,
    RowEdge edge,
    @Nullable Backend backend,
    Counts counts) {

  /** Copies the labels. */
  public Row {
    labels = Map.copyOf(labels);
  }

  /**
   * A backend of a split.
   *
   * @param apex the service whose traffic is split
   * @param name the service that got this part of it
   * @param weight its weight now
   */
  public record Backend(String apex, String name, long weight) {}
}
