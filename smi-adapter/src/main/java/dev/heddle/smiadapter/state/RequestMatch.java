package dev.heddle.smiadapter.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A condition on HTTP requests: all that is given holds.
 *
 * @param path on the path without its query; null for every path
 * @param methods any of these; empty for every method
 * @param headers all of these
 */
public record RequestMatch(
    @Nullable TextCondition path, List<String> methods, List<HeaderCondition> headers) {

  /** Copies the lists. */
  public RequestMatch {
    methods = List.copyOf(methods);
    headers = List.copyOf(headers);
  }
}
