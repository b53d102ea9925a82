package dev.heddle.crds.access.v1alpha3;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;

/**
 * What may be called.
 *
 * @param kind {@code HTTPRouteGroup}, {@code TCPRoute} or {@code UDPRoute}
 * @param name name of the route, in the namespace of the TrafficTarget
 * @param matches names of matches of an HTTPRouteGroup, any one of which a request must match;
 *     empty: every match of the group
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrafficTargetRule(String kind, String name, List<String> matches) {
  public TrafficTargetRule {
    matches = List.copyOf(Objects.requireNonNullElse(matches, List.of()));
  }
}
