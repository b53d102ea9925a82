package dev.heddle.crds.install;

import java.util.Objects;

/**
 * The SMI adapter.
 *
 * @param replicas number of pods
 * @param resources compute resources of each
 */
public record SmiAdapter(Integer replicas, ComputeResources resources) {
  private static final int REPLICAS = 2;
  private static final ComputeResources RESOURCES = ComputeResources.of("100m", "192Mi", "512Mi");

  /** Two pods. */
  public static final SmiAdapter DEFAULT = new SmiAdapter(REPLICAS, RESOURCES);

  public SmiAdapter {
    replicas = Objects.requireNonNullElse(replicas, REPLICAS);
    resources = Objects.requireNonNullElse(resources, RESOURCES);
  }
}
