package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Compute resources of a container.
 *
 * @param requests what the scheduler sets aside, by resource name
 * @param limits what the container may use at most, by resource name
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ComputeResources(Map<String, Quantity> requests, Map<String, Quantity> limits) {
  public ComputeResources {
    requests = sorted(Objects.requireNonNullElse(requests, Map.of()));
    limits = sorted(Objects.requireNonNullElse(limits, Map.of()));
  }

  /**
   * A request of CPU and memory with a limit on memory only, because a limit on CPU adds latency
   * without protecting anyone.
   *
   * @param cpu the CPU to set aside
   * @param memory the memory to set aside
   * @param memoryLimit the memory that may be used
   */
  static ComputeResources of(String cpu, String memory, String memoryLimit) {
    return new ComputeResources(
        Map.of("cpu", Quantity.parse(cpu), "memory", Quantity.parse(memory)),
        Map.of("memory", Quantity.parse(memoryLimit)));
  }

  private static Map<String, Quantity> sorted(Map<String, Quantity> quantities) {
    return Collections.unmodifiableMap(new TreeMap<>(quantities));
  }
}
