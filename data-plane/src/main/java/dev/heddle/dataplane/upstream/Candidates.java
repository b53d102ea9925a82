package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Endpoint;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Endpoints of one health that are chosen among, with weights. */
final class Candidates {
  /** An endpoint and what is known of it. */
  record Candidate(Endpoint endpoint, EndpointState state) {}

  /** Which endpoints may be chosen. */
  @FunctionalInterface
  interface Eligible {
    boolean test(Candidate candidate);
  }

  /**
   * Loads nearer than this are alike. Without it the last microsecond would decide, and of two
   * endpoints that answer equally fast one would get next to nothing while few requests are under
   * way.
   */
  private static final double ALIKE = 1.25;

  /** Draws before the list is gone through one by one. */
  private static final int DRAWS = 4;

  private final List<Candidate> all;
  private final long[] cumulativeWeights;
  private int next;

  Candidates(List<Candidate> all) {
    this.all = List.copyOf(all);
    this.cumulativeWeights = new long[all.size()];
    long sum = 0;
    for (int i = 0; i < all.size(); i++) {
      sum += Math.max(1, all.get(i).endpoint().weight());
      cumulativeWeights[i] = sum;
    }
  }

  /**
   * The better of two drawn by weight; of two alike the first, so that an idle cluster keeps to its
   * weights.
   */
  @Nullable Candidate powerOfTwo(RandomGenerator random, long now, Eligible eligible) {
    Candidate first = draw(random, eligible, null);
    if (first == null) {
      return null;
    }
    Candidate second = draw(random, eligible, first.state());
    return second == null || load(first, now) <= load(second, now) * ALIKE ? first : second;
  }

  /** Each in turn, as often as its weight says. */
  @Nullable Candidate roundRobin(Eligible eligible) {
    if (all.isEmpty()) {
      return null;
    }
    long total = cumulativeWeights[cumulativeWeights.length - 1];
    int start = index(Math.floorMod((long) next++ * stride(total), total));
    for (int i = 0; i < all.size(); i++) {
      Candidate candidate = all.get((start + i) % all.size());
      if (eligible.test(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private @Nullable Candidate draw(
      RandomGenerator random, Eligible eligible, @Nullable EndpointState other) {
    if (all.isEmpty()) {
      return null;
    }
    long total = cumulativeWeights[cumulativeWeights.length - 1];
    int index = 0;
    for (int i = 0; i < DRAWS; i++) {
      index = index(random.nextLong(total));
      Candidate candidate = all.get(index);
      if (candidate.state() != other && eligible.test(candidate)) {
        return candidate;
      }
    }
    for (int i = 0; i < all.size(); i++) {
      Candidate candidate = all.get((index + i) % all.size());
      if (candidate.state() != other && eligible.test(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** The first index whose cumulative weight is above the ticket. */
  private int index(long ticket) {
    int low = 0;
    int high = cumulativeWeights.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulativeWeights[middle] > ticket) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Near the golden section and without a common divisor, so that equal neighbours do not cluster.
   */
  private static long stride(long total) {
    long stride = Math.max(1, Math.round(total * 0.618));
    while (gcd(stride, total) != 1) {
      stride++;
    }
    return stride;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private double load(Candidate candidate, long now) {
    double mean = (double) cumulativeWeights[cumulativeWeights.length - 1] / all.size();
    return candidate.state().load(now, Math.max(1, candidate.endpoint().weight()) / mean);
  }
}
