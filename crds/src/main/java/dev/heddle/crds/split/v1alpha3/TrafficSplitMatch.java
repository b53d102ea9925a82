package dev.heddle.crds.split.v1alpha3;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A route group that a request may match.
 *
 * @param apiGroup {@code specs.smi-spec.io}, if given
 * @param kind {@code HTTPRouteGroup}
 * @param name name of the group, in the namespace of the split
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrafficSplitMatch(@Nullable String apiGroup, String kind, String name) {}
