package dev.heddle.crds.specs.v1alpha4;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What UDP traffic is known by.
 *
 * @param name a name for it, which means nothing to the mesh
 * @param ports ports of the destination, from 1 to 65535; empty: all of them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UdpMatch(@Nullable String name, List<Integer> ports) {
  public UdpMatch {
    ports = List.copyOf(Objects.requireNonNullElse(ports, List.of()));
  }
}
