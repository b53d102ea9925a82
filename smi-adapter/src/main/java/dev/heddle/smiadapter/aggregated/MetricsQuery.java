package dev.heddle.smiadapter.aggregated;

import dev.heddle.smiadapter.trafficmetrics.Durations;
import dev.heddle.smiadapter.trafficmetrics.RowsTable;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the query of a request asks for.
 *
 * @param span how far back, the parameter {@code t}
 * @param selection which objects
 * @param included what rows of a table carry
 */
record MetricsQuery(Duration span, ObjectSource.Selection selection, RowsTable.Included included) {

  /** Of less than the interval in which proxies report there is nothing or too much. */
  private static final Duration SHORTEST = Duration.ofSeconds(5);

  /**
   * Reads the query.
   *
   * @param longest as far back as anybody can ask, and what is meant when nothing is said
   * @throws ApiException naming the parameter, its value and what was expected
   */
  static MetricsQuery of(ApiRequest request, Duration longest) throws ApiException {
    return new MetricsQuery(
        span(request.parameter("t"), longest),
        new ObjectSource.Selection(
            request.parameter("labelSelector"),
            request.parameter("fieldSelector"),
            limit(request.parameter("limit")),
            request.parameter("continue")),
        included(request.parameter("includeObject")));
  }

  /** The labels of the selector, if it consists of equalities only. */
  Map<String, String> matchLabels() {
    Map<String, String> labels = new LinkedHashMap<>();
    if (selection.labelSelector().isEmpty()) {
      return labels;
    }
    for (String requirement : selection.labelSelector().split(",", -1)) {
      List<String> sides = Arrays.stream(requirement.split("==?", 2)).map(String::strip).toList();
      if (sides.size() != 2 || sides.getFirst().endsWith("!") || sides.getFirst().contains(" ")) {
        return Map.of();
      }
      labels.put(sides.getFirst(), sides.getLast());
    }
    return labels;
  }

  private static Duration span(String text, Duration longest) throws ApiException {
    if (text.isEmpty()) {
      return longest;
    }
    String expected =
        " (expected: a duration from 5s to " + Durations.text(longest) + ", no more is kept)";
    try {
      Duration span = Durations.parse(text);
      if (span.compareTo(SHORTEST) >= 0 && span.compareTo(longest) <= 0) {
        return span;
      }
    } catch (IllegalArgumentException _) {
      throw ApiException.badRequest("t: " + text + expected);
    }
    throw ApiException.badRequest("t: " + text + expected);
  }

  private static long limit(String text) throws ApiException {
    try {
      long limit = text.isEmpty() ? 0 : Long.parseLong(text);
      if (limit >= 0) {
        return limit;
      }
    } catch (NumberFormatException _) {
      throw ApiException.badRequest("limit: " + text + " (expected: a whole number)");
    }
    throw ApiException.badRequest("limit: " + text + " (expected: >= 0)");
  }

  private static RowsTable.Included included(String text) throws ApiException {
    return switch (text) {
      case "", "Metadata" -> RowsTable.Included.METADATA;
      case "None" -> RowsTable.Included.NONE;
      case "Object" -> RowsTable.Included.OBJECT;
      default ->
          throw ApiException.badRequest(
              "includeObject: %s (expected: None, Metadata or Object)"
                  .formatted(text.toLowerCase(Locale.ROOT)));
    };
  }
}
