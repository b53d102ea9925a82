package dev.heddle.dataplane.tcp;

import dev.heddle.dataplane.config.WeightedCluster;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses a cluster by weight; one of weight zero never. */
final class WeightedChoice {
  private WeightedChoice() {}

  /** Null if all that is left weighs nothing. */
  static @Nullable String choose(
      List<WeightedCluster> clusters, Set<String> excluded, RandomGenerator random) {
    long total = 0;
    for (WeightedCluster cluster : clusters) {
      if (!excluded.contains(cluster.cluster())) {
        total += cluster.weight();
      }
    }
    if (total == 0) {
      return null;
    }
    long ticket = random.nextLong(total);
    for (WeightedCluster cluster : clusters) {
      if (!excluded.contains(cluster.cluster())) {
        ticket -= cluster.weight();
        if (ticket < 0) {
          return cluster.cluster();
        }
      }
    }
    throw new IllegalStateException("a ticket beyond the weights of " + clusters);
  }
}
