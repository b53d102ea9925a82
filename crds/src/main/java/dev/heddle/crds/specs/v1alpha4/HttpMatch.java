package dev.heddle.crds.specs.v1alpha4;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A set of requests.
 *
 * @param name what a TrafficTarget names it by
 * @param pathRegex what the path must begin with a match of; every path, if absent
 * @param methods methods, or {@code *}; empty: every method
 * @param headers regular expressions by header name, each of which must match the header's whole
 *     value: a map, or a list of maps of one name each, as the object's writer preferred
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HttpMatch(
    String name, @Nullable String pathRegex, List<String> methods, @Nullable JsonNode headers) {
  public HttpMatch {
    methods = List.copyOf(Objects.requireNonNullElse(methods, List.of()));
  }
}
