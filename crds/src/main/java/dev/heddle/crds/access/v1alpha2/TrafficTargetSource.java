package dev.heddle.crds.access.v1alpha2;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Who may call.
 *
 * @param kind {@code ServiceAccount}
 * @param name name of the ServiceAccount that the client runs as
 * @param namespace its namespace; that of the TrafficTarget, if absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrafficTargetSource(String kind, String name, @Nullable String namespace) {}
