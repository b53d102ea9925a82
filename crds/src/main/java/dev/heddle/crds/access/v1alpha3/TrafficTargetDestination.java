package dev.heddle.crds.access.v1alpha3;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Who may be called.
 *
 * @param kind {@code ServiceAccount}
 * @param name name of the ServiceAccount that the destination runs as
 * @param namespace its namespace; that of the TrafficTarget, if absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrafficTargetDestination(String kind, String name, @Nullable String namespace) {}
