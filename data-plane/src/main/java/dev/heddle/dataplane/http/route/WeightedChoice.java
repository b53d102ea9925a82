package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.WeightedCluster;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Chooses by weight: each cluster's share is its weight over the sum, exactly. */
public final class WeightedChoice {
  private WeightedChoice() {}

  /**
   * Chooses one.
   *
   * @return null when every weight is zero
   */
  public static @Nullable WeightedCluster choose(
      List<WeightedCluster> clusters, RandomGenerator random) {
    int size = clusters.size();
    if (size == 1) {
      WeightedCluster only = clusters.getFirst();
      return only.weight() == 0 ? null : only;
    }
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += clusters.get(i).weight();
    }
    if (sum == 0) {
      return null;
    }
    long point = random.nextLong(sum);
    for (int i = 0; i < size; i++) {
      point -= clusters.get(i).weight();
      if (point < 0) {
        return clusters.get(i);
      }
    }
    throw new AssertionError("point beyond the sum of the weights");
  }

  /**
   * Chooses for another attempt: the same one as long as it may get requests, so that a backend
   * that fails has its share of failures, and one of the others when it may not any more.
   *
   * @param chosen for the attempt before
   * @param clusters as the route is now
   */
  public static WeightedCluster again(
      WeightedCluster chosen, List<WeightedCluster> clusters, RandomGenerator random) {
    for (WeightedCluster cluster : clusters) {
      if (cluster.weight() > 0 && cluster.cluster().equals(chosen.cluster())) {
        return chosen;
      }
    }
    WeightedCluster other = choose(clusters, random);
    // What the first choice has changed in the request cannot be taken back.
    return other != null && other.headers().equals(chosen.headers()) ? other : chosen;
  }
}
