package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Endpoints that are chosen among, with weights. */
final class Candidates {
  /**
   * An endpoint and what is known of it.
   *
   * @param health what all event loops know together; null where nobody looks after it
   */
  record Candidate(Endpoint endpoint, EndpointState state, @Nullable EndpointHealth health) {}

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

  /** Places of ring or table looked at before the list is gone through one by one. */
  private static final int HASH_ATTEMPTS = 32;

  static final Candidates NONE = new Candidates(List.of(), Cluster.Balancing.DEFAULT);

  private final List<Candidate> all;
  private final Cluster.Balancing balancing;
  private final double @Nullable [] shares;
  private final long[] cumulativeWeights;
  private int next;
  private @Nullable ConsistentHash ring;
  private @Nullable ConsistentHash table;

  Candidates(List<Candidate> all, Cluster.Balancing balancing) {
    this(all, balancing, null);
  }

  /**
   * Makes a choice of candidates.
   *
   * @param shares by which those that hash choose, 1 in all; null for the candidates' weights
   */
  Candidates(List<Candidate> all, Cluster.Balancing balancing, double @Nullable [] shares) {
    this.all = List.copyOf(all);
    this.balancing = balancing;
    this.shares = shares;
    this.cumulativeWeights = new long[all.size()];
    long sum = 0;
    for (int i = 0; i < all.size(); i++) {
      sum += Math.max(1, all.get(i).endpoint().weight());
      cumulativeWeights[i] = sum;
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /**
   * Chooses one.
   *
   * @param hash of the request, for policies that hash
   */
  @Nullable Candidate choose(
      Cluster.LoadBalancing policy,
      RandomGenerator random,
      long now,
      long hash,
      Eligible eligible) {
    if (all.isEmpty()) {
      return null;
    }
    return switch (policy) {
      case PEAK_EWMA -> powerOfTwo(random, now, eligible);
      case LEAST_REQUEST -> leastRequest(random, eligible);
      case ROUND_ROBIN -> roundRobin(eligible);
      case RANDOM -> draw(random, eligible, null);
      case RING_HASH -> hashed(ring(), hash, eligible);
      case MAGLEV -> hashed(table(), hash, eligible);
    };
  }

  /**
   * The better of two drawn by weight; of two alike the first, so that an idle cluster keeps to its
   * weights.
   */
  private @Nullable Candidate powerOfTwo(RandomGenerator random, long now, Eligible eligible) {
    Candidate first = draw(random, eligible, null);
    if (first == null) {
      return null;
    }
    Candidate second = draw(random, eligible, first.state());
    return second == null || load(first, now) <= load(second, now) * ALIKE ? first : second;
  }

  private @Nullable Candidate leastRequest(RandomGenerator random, Eligible eligible) {
    Candidate best = draw(random, eligible, null);
    for (int i = 1; best != null && i < balancing.choices(); i++) {
      Candidate other = draw(random, eligible, best.state());
      if (other != null && requestLoad(other) < requestLoad(best)) {
        best = other;
      }
    }
    return best;
  }

  /** Requests under way, in proportion to the share; candidates are drawn by weight already. */
  private double requestLoad(Candidate candidate) {
    double requests = 1 + candidate.state().outstanding() / relativeWeight(candidate);
    return balancing.requestBias() == 1 ? requests : Math.pow(requests, balancing.requestBias());
  }

  /** Each in turn, as often as its weight says. */
  private @Nullable Candidate roundRobin(Eligible eligible) {
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

  private @Nullable Candidate hashed(ConsistentHash by, long hash, Eligible eligible) {
    int index = 0;
    for (int attempt = 0; attempt < HASH_ATTEMPTS; attempt++) {
      index = by.pick(hash, attempt);
      if (eligible.test(all.get(index))) {
        return all.get(index);
      }
    }
    return after(index, eligible, null);
  }

  private ConsistentHash ring() {
    ConsistentHash known = ring;
    if (known == null) {
      known = ConsistentHash.HashRing.of(keys(), shares(), balancing.ring());
      ring = known;
    }
    return known;
  }

  private ConsistentHash table() {
    ConsistentHash known = table;
    if (known == null) {
      known = ConsistentHash.MaglevTable.of(keys(), shares(), balancing.maglevTableSize());
      table = known;
    }
    return known;
  }

  private List<String> keys() {
    List<String> keys = new ArrayList<>(all.size());
    for (Candidate candidate : all) {
      keys.add(ConsistentHash.key(candidate.endpoint()));
    }
    return keys;
  }

  private double[] shares() {
    if (shares != null) {
      return shares;
    }
    double total = cumulativeWeights[cumulativeWeights.length - 1];
    double[] byWeight = new double[all.size()];
    for (int i = 0; i < byWeight.length; i++) {
      byWeight[i] = Math.max(1, all.get(i).endpoint().weight()) / total;
    }
    return byWeight;
  }

  private @Nullable Candidate draw(
      RandomGenerator random, Eligible eligible, @Nullable EndpointState other) {
    long total = cumulativeWeights[cumulativeWeights.length - 1];
    int index = 0;
    for (int i = 0; i < DRAWS; i++) {
      index = index(random.nextLong(total));
      Candidate candidate = all.get(index);
      if (candidate.state() != other && eligible.test(candidate)) {
        return candidate;
      }
    }
    return after(index, eligible, other);
  }

  private @Nullable Candidate after(int index, Eligible eligible, @Nullable EndpointState other) {
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
    return candidate.state().load(now, relativeWeight(candidate));
  }

  /** The weight, where the mean is 1. */
  private double relativeWeight(Candidate candidate) {
    double mean = (double) cumulativeWeights[cumulativeWeights.length - 1] / all.size();
    return Math.max(1, candidate.endpoint().weight()) / mean;
  }
}
