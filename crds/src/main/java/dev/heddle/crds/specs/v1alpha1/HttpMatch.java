package dev.heddle.crds.specs.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A set of requests.
 *
 * @param name what a TrafficTarget names it by
 * @param pathRegex what the path must begin with a match of; every path, if absent
 * @param methods methods, or {@code *}; empty: every method
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HttpMatch(String name, @Nullable String pathRegex, List<String> methods) {
  public HttpMatch {
    methods = List.copyOf(Objects.requireNonNullElse(methods, List.of()));
  }
}
