package dev.heddle.smiadapter.trafficmetrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Rows as TrafficMetrics objects. Both versions have the same content: what v1alpha2 was to add was
 * folded into the text of v1alpha1.
 *
 * @param apiVersion group and version that was asked for
 * @param at when the numbers were taken
 * @param window how far back they reach
 */
public record RowsJson(String apiVersion, Instant at, Duration window) {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** One object. */
  public ObjectNode object(Row row) {
    ObjectNode object = JSON.objectNode();
    object.put("kind", "TrafficMetrics");
    object.put("apiVersion", apiVersion);
    object.set("metadata", metadata(row));
    object.put("timestamp", timestamp());
    object.put("window", Durations.text(window));
    object.set("resource", reference(row.resource()));
    ObjectNode edge = object.putObject("edge");
    edge.put("direction", row.edge().direction().name().toLowerCase(Locale.ROOT));
    edge.put("side", row.edge().side().name().toLowerCase(Locale.ROOT));
    edge.set("resource", reference(row.edge().resource()));
    Row.Backend backend = row.backend();
    if (backend != null) {
      object
          .putObject("backend")
          .put("apex", backend.apex())
          .put("name", backend.name())
          .put("weight", backend.weight());
    }
    ArrayNode metrics = object.putArray("metrics");
    Metric.of(row.counts())
        .forEach(metric -> {
          ObjectNode one = metrics.addObject().put("name", metric.name());
          if (!metric.unit().isEmpty()) {
            one.put("unit", metric.unit());
          }
          one.put("value", metric.value());
        });
    return object;
  }

  /**
   * Many objects.
   *
   * @param resource what the list is about: a kind, perhaps in a namespace, or the object whose
   *     edges these are
   * @param page where the list goes on
   */
  public ObjectNode list(Reference resource, List<Row> rows, ListPage page) {
    ObjectNode list = JSON.objectNode();
    list.put("kind", "TrafficMetricsList");
    list.put("apiVersion", apiVersion);
    list.set("metadata", page.metadata());
    list.set("resource", reference(resource));
    if (!page.matchLabels().isEmpty()) {
      ObjectNode labels = list.putObject("selector").putObject("matchLabels");
      new TreeMap<>(page.matchLabels()).forEach(labels::put);
    }
    ArrayNode items = list.putArray("items");
    rows.forEach(row -> items.add(object(row)));
    return list;
  }

  /** The metadata that every form of a row has. */
  ObjectNode metadata(Row row) {
    ObjectNode metadata = JSON.objectNode();
    metadata.put("name", row.resource().name());
    if (!row.resource().namespace().isEmpty()) {
      metadata.put("namespace", row.resource().namespace());
    }
    metadata.put("creationTimestamp", timestamp());
    if (!row.labels().isEmpty()) {
      ObjectNode labels = metadata.putObject("labels");
      new TreeMap<>(row.labels()).forEach(labels::put);
    }
    return metadata;
  }

  private String timestamp() {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static ObjectNode reference(Reference reference) {
    ObjectNode object = JSON.objectNode();
    put(object, "kind", reference.kind());
    put(object, "namespace", reference.namespace());
    put(object, "name", reference.name());
    return object;
  }

  private static void put(ObjectNode object, String name, String value) {
    if (!value.isEmpty()) {
      object.put(name, value);
    }
  }
}
