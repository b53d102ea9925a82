package dev.heddle.smiadapter.trafficmetrics;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.telemetry.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Rows as a {@code meta.k8s.io} Table, which is what kubectl prints. */
public final class RowsTable {

  /** What a row of a table carries besides its cells, as a client asks by {@code includeObject}. */
  public enum Included {
    NONE,
    METADATA,
    OBJECT
  }

  /** What the rows of a table are. */
  public enum Shape {
    /** Objects and what they receive. */
    OBJECTS,
    /** The backends of splits. */
    BACKENDS,
    /** Those at the other end of an object's edges. */
    EDGES
  }

  private record Column(
      String name, String format, String description, int priority, Function<Row, String> cell) {}

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String NOTHING = "-";
  private static final double MICROS_PER_MILLI = 1_000;

  private final RowsJson json;
  private final String version;

  /**
   * Makes tables.
   *
   * @param version of {@code meta.k8s.io}: {@code v1} or {@code v1beta1}
   */
  public RowsTable(RowsJson json, String version) {
    this.json = json;
    this.version = version;
  }

  /** The table of some rows. */
  public ObjectNode table(Shape shape, List<Row> rows, ListPage page, Included included) {
    List<Column> columns = columns(shape);
    ObjectNode table = JSON.objectNode();
    table.put("kind", "Table");
    table.put("apiVersion", "meta.k8s.io/" + version);
    table.set("metadata", page.metadata());
    ArrayNode definitions = table.putArray("columnDefinitions");
    columns.forEach(column ->
        definitions
            .addObject()
            .put("name", column.name())
            .put("type", "string")
            .put("format", column.format())
            .put("description", column.description())
            .put("priority", column.priority()));
    ArrayNode lines = table.putArray("rows");
    for (Row row : rows) {
      ObjectNode line = lines.addObject();
      ArrayNode cells = line.putArray("cells");
      columns.forEach(column -> cells.add(column.cell().apply(row)));
      switch (included) {
        case NONE -> {}
        case METADATA ->
            line.putObject("object")
                .put("kind", "PartialObjectMetadata")
                .put("apiVersion", "meta.k8s.io/" + version)
                .set("metadata", json.metadata(row));
        case OBJECT -> line.set("object", json.object(row));
      }
    }
    return table;
  }

  private List<Column> columns(Shape shape) {
    List<Column> columns = new ArrayList<>();
    columns.add(
        new Column(
            "Name", "name", "The object whose traffic this is.", 0, row -> row.resource().name()));
    switch (shape) {
      case OBJECTS ->
          columns.add(shown("Kind", "The kind of the object.", row -> row.resource().kind()));
      case BACKENDS -> {
        columns.add(shown("Apex", "The service whose traffic is split.", row -> apex(row)));
        columns.add(shown("Backend", "The service that got it.", row -> backend(row)));
        columns.add(shown("Weight", "The backend's weight now.", row -> weight(row)));
      }
      case EDGES -> {
        columns.add(
            shown(
                "Direction",
                "Whether requests come from the peer or go to it.",
                row -> row.edge().direction().name().toLowerCase(Locale.ROOT)));
        columns.add(shown("Peer", "The other end.", row -> peer(row.edge().resource())));
      }
    }
    columns.add(
        shown(
            "Success",
            "The share of requests that were answered, and not by a server error.",
            row -> success(row.counts())));
    columns.add(shown("RPS", "Requests per second.", row -> rate(row.counts())));
    columns.add(latency("P50", 50));
    columns.add(latency("P90", 90));
    columns.add(latency("P99", 99));
    columns.add(
        shown(
            "Window", "The span of time that this is about.", _ -> Durations.text(json.window())));
    columns.add(
        wide("Successes", "Requests answered well.", row -> count(row.counts().successes())));
    columns.add(wide("Failures", "Requests that failed.", row -> count(row.counts().failures())));
    columns.add(
        wide("Side", "Who measured.", row -> row.edge().side().name().toLowerCase(Locale.ROOT)));
    return columns;
  }

  private static Column shown(String name, String description, Function<Row, String> cell) {
    return new Column(name, "", description, 0, cell);
  }

  private static Column wide(String name, String description, Function<Row, String> cell) {
    return new Column(name, "", description, 1, cell);
  }

  private static Column latency(String name, double percent) {
    return shown(
        name,
        "The response latency that %.0f %% of requests did not exceed.".formatted(percent),
        row ->
            row.counts().requests() == 0
                ? NOTHING
                : milliseconds(row.counts().latency().percentileMicros(percent)));
  }

  private static String success(Counts counts) {
    return counts.requests() == 0
        ? NOTHING
        : percent(100.0 * counts.successes() / counts.requests());
  }

  /** A share that is not whole never shows as whole. */
  private static String percent(double share) {
    double shown = share < 100 ? Math.min(share, 99.99) : share;
    return String.format(Locale.ROOT, "%.2f%%", shown);
  }

  private String rate(Counts counts) {
    Duration window = json.window();
    return String.format(
        Locale.ROOT, "%.1f", counts.requests() * 1_000.0 / Math.max(window.toMillis(), 1));
  }

  /** Three digits. */
  private static String milliseconds(double micros) {
    double millis = micros / MICROS_PER_MILLI;
    String format = millis < 10 ? "%.2fms" : millis < 100 ? "%.1fms" : "%.0fms";
    return String.format(Locale.ROOT, format, millis);
  }

  private static String count(long count) {
    return Long.toString(count);
  }

  private static String apex(Row row) {
    Row.Backend backend = row.backend();
    return backend == null ? NOTHING : backend.apex();
  }

  private static String backend(Row row) {
    Row.Backend backend = row.backend();
    return backend == null ? NOTHING : backend.name();
  }

  private static String weight(Row row) {
    Row.Backend backend = row.backend();
    return backend == null ? NOTHING : count(backend.weight());
  }

  private static String peer(Reference peer) {
    if (peer.equals(Reference.ANYTHING)) {
      return "<outside the mesh>";
    }
    String name = peer.namespace().isEmpty() ? peer.name() : peer.namespace() + "/" + peer.name();
    return peer.kind() + " " + name;
  }
}
