package dev.heddle.e2e.workload;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;

/** Reads what the API {@code metrics.smi-spec.io} answers. */
public final class TrafficMetrics {

  /** Where its newest version is. */
  public static final String API = "/apis/metrics.smi-spec.io/v1alpha2";

  private TrafficMetrics() {}

  /** The objects of a list. */
  public static List<JsonNode> items(JsonNode list) {
    return StreamSupport.stream(list.path("items").spliterator(), false).toList();
  }

  /** A metric that is a number of requests. */
  public static long count(JsonNode object, String name) {
    return metric(object, name).path("value").asLong();
  }

  /** A Quantity in seconds, with the suffixes that latencies have. */
  public static double seconds(JsonNode object, String name) {
    String text = metric(object, name).path("value").asText();
    double number = Double.parseDouble(text.replaceAll("[mu]", ""));
    return text.endsWith("u") ? number / 1e6 : text.endsWith("m") ? number / 1e3 : number;
  }

  private static JsonNode metric(JsonNode object, String name) {
    return StreamSupport.stream(object.path("metrics").spliterator(), false)
        .filter(metric -> metric.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + object));
  }
}
