package dev.heddle.dataplane.config;

/**
 * A share of traffic.
 *
 * @param weight relative to the others, 0 to 2^32-1; 0 gets nothing
 * @param headers what is changed in requests to this cluster and their answers
 */
public record WeightedCluster(String cluster, long weight, HeaderMutations headers) {
  public WeightedCluster {
    if (weight < 0 || weight > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: 0 to 4294967295)");
    }
  }

  public WeightedCluster(String cluster, long weight) {
    this(cluster, weight, HeaderMutations.NONE);
  }
}
