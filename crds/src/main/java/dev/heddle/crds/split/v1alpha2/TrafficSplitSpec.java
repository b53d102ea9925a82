package dev.heddle.crds.split.v1alpha2;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;

/**
 * The split that is wanted.
 *
 * @param service the Service that clients connect to, by name or fully qualified name
 * @param backends where the traffic goes
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrafficSplitSpec(String service, List<TrafficSplitBackend> backends) {
  public TrafficSplitSpec {
    backends = List.copyOf(Objects.requireNonNullElse(backends, List.of()));
  }
}
