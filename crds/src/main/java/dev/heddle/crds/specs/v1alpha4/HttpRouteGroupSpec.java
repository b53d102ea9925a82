package dev.heddle.crds.specs.v1alpha4;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;

/**
 * The requests that a group is of.
 *
 * @param matches sets of requests, any one of which a request must be of
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HttpRouteGroupSpec(List<HttpMatch> matches) {
  public HttpRouteGroupSpec {
    matches = List.copyOf(Objects.requireNonNullElse(matches, List.of()));
  }
}
