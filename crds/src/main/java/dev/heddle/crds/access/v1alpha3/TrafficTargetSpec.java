package dev.heddle.crds.access.v1alpha3;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;

/**
 * The access that is granted.
 *
 * @param destination who may be called
 * @param sources who may call
 * @param rules what may be called; nothing if there are none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrafficTargetSpec(
    TrafficTargetDestination destination,
    List<TrafficTargetSource> sources,
    List<TrafficTargetRule> rules) {
  public TrafficTargetSpec {
    sources = List.copyOf(Objects.requireNonNullElse(sources, List.of()));
    rules = List.copyOf(Objects.requireNonNullElse(rules, List.of()));
  }
}
