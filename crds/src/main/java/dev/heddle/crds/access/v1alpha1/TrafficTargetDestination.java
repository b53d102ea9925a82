package dev.heddle.crds.access.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/**
 * Who may be called.
 *
 * @param kind {@code ServiceAccount}
 * @param name name of the ServiceAccount that the destination runs as
 * @param namespace its namespace; that of the TrafficTarget, if absent
 * @param port the only port that access is granted to, from 1 to 65535; all of them, if absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrafficTargetDestination(
    String kind, String name, @Nullable String namespace, @Nullable IntOrString port) {}
