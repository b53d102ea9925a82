package dev.heddle.crds.split.v1alpha3;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;

/**
 * The split that is wanted.
 *
 * @param service the Service that clients connect to, by name or fully qualified name
 * @param backends where the traffic goes
 * @param matches what a request must match to be split, any one of them; empty: every request is
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrafficSplitSpec(
    String service, List<TrafficSplitBackend> backends, List<TrafficSplitMatch> matches) {
  public TrafficSplitSpec {
    backends = List.copyOf(Objects.requireNonNullElse(backends, List.of()));
    matches = List.copyOf(Objects.requireNonNullElse(matches, List.of()));
  }
}
