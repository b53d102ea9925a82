package dev.heddle.crds.specs.v1alpha4;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The traffic that is meant.
 *
 * @param matches what it is known by; all of it, if absent
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UdpRouteSpec(@Nullable UdpMatch matches) {}
