package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.upstream.Candidates.Candidate;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one cluster on one event loop. What is known of an address outlives changes of
 * the assignment. Who may be chosen is worked out when the assignment or somebody's health changes,
 * not per request.
 */
final class ClusterState {
  /** Believed of the very first endpoint of a cluster. */
  private static final double FIRST_LATENCY_NANOS = 1_000_000;

  private final Map<InetSocketAddress, EndpointState> states = new HashMap<>();
  private final CircuitBreaker ofLoop = CircuitBreaker.ofLoop();
  private final PickFilter filter = new PickFilter();
  private Cluster cluster;
  private @Nullable SharedCluster shared;
  private List<Endpoint> endpoints = List.of();
  private int healthVersion;
  private PriorityLevel[] levels = {};
  private PriorityLoads loads = PriorityLoads.of(new PriorityLoads.Level[0], 100, 0);
  private Candidates draining = Candidates.NONE;

  ClusterState(Cluster cluster, @Nullable SharedCluster shared) {
    this.cluster = cluster;
    this.shared = shared;
  }

  /**
   * Takes over a cluster and its assignment; cheap when both are the same objects as before.
   *
   * @param current resolved endpoints
   */
  // The same object means that nothing has changed; equality would look at every endpoint each
  // time.
  @SuppressWarnings("ReferenceEquality")
  void assign(
      Cluster newest,
      SharedClusters clusters,
      List<Endpoint> current,
      int overprovisioningPercent,
      long now) {
    boolean changed = current != endpoints;
    if (newest != cluster) {
      changed |= !newest.balancing().equals(cluster.balancing());
      cluster = newest;
      SharedCluster newestShared = clusters.of(newest);
      changed |= newestShared != shared;
      shared = newestShared;
    }
    SharedCluster together = shared;
    if (together != null) {
      ClusterHealth health = together.health();
      int version = health.version();
      changed |= version != healthVersion;
      healthVersion = version;
      if (changed && (newest.outlierDetection() != null || !newest.healthChecks().isEmpty())) {
        health.assign(current);
      }
    }
    if (changed) {
      rebuild(current, overprovisioningPercent, now);
    }
  }

  private void rebuild(List<Endpoint> current, int overprovisioningPercent, long now) {
    double expected = meanLatency(now);
    ClusterHealth health = shared == null ? null : shared.health();
    List<List<Candidate>> all = new ArrayList<>(1);
    List<List<Candidate>> healthy = new ArrayList<>(1);
    List<Candidate> nextDraining = new ArrayList<>();
    Set<InetSocketAddress> assigned = HashSet.newHashSet(current.size());
    for (Endpoint endpoint : current) {
      assigned.add(endpoint.address());
      EndpointHealth known = health == null ? null : health.of(endpoint.address());
      Candidate candidate =
          new Candidate(
              endpoint,
              states.computeIfAbsent(
                  endpoint.address(), address -> new EndpointState(expected, now)),
              known);
      while (all.size() <= endpoint.priority()) {
        all.add(new ArrayList<>());
        healthy.add(new ArrayList<>());
      }
      all.get(endpoint.priority()).add(candidate);
      switch (endpoint.health()) {
        case HEALTHY -> {
          if (health == null || known == null || health.usable(known)) {
            healthy.get(endpoint.priority()).add(candidate);
          }
        }
        case DRAINING -> nextDraining.add(candidate);
        case UNHEALTHY -> {}
      }
    }
    states
        .entrySet()
        .removeIf(
            entry -> !assigned.contains(entry.getKey()) && entry.getValue().outstanding() == 0);
    endpoints = current;
    draining = new Candidates(nextDraining, cluster.balancing());
    level(all, healthy, overprovisioningPercent);
  }

  private void level(
      List<List<Candidate>> all, List<List<Candidate>> healthy, int overprovisioningPercent) {
    PriorityLoads.Level[] sizes = new PriorityLoads.Level[all.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = new PriorityLoads.Level(healthy.get(i).size(), all.get(i).size());
    }
    loads = PriorityLoads.of(sizes, overprovisioningPercent, cluster.balancing().panicPercent());
    levels = new PriorityLevel[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      levels[i] =
          PriorityLevel.of(
              all.get(i),
              healthy.get(i),
              loads.panic(i),
              cluster.balancing(),
              overprovisioningPercent);
    }
  }

  CircuitBreaker breaker() {
    SharedCluster together = shared;
    return together != null && cluster.limits().processWide() ? together.breaker() : ofLoop;
  }

  @Nullable OutlierDetector detector() {
    SharedCluster together = shared;
    return together == null ? null : together.detector();
  }

  /**
   * One of those in use before one that drains, not avoided before avoided, not tried before tried.
   *
   * @param hash of the request; 0 for none
   */
  @Nullable Candidate pick(
      RandomGenerator random, long now, Set<InetSocketAddress> tried, long hash) {
    Cluster.LoadBalancing policy = cluster.loadBalancing();
    long key = hash == 0 && policy.hashes() ? random.nextLong() : hash;
    if (levels.length == 0) {
      return null;
    }
    PriorityLevel level = levels.length == 1 ? levels[0] : levels[priority(policy, random, key)];
    filter.reset(now, tried, cluster.balancing().slowStart(), random);
    Candidate picked = level.choose(policy, random).choose(policy, random, now, key, filter);
    if (picked == null) {
      filter.allowAvoided();
      picked = anywhere(level, random, now, key);
    }
    if (picked == null && !tried.isEmpty()) {
      filter.allowTried();
      picked = anywhere(level, random, now, key);
    }
    return picked;
  }

  private @Nullable Candidate anywhere(
      PriorityLevel first, RandomGenerator random, long now, long key) {
    Cluster.LoadBalancing policy = cluster.loadBalancing();
    Candidate picked = first.serving().choose(policy, random, now, key, filter);
    for (int i = 0; picked == null && i < levels.length; i++) {
      picked = levels[i].serving().choose(policy, random, now, key, filter);
    }
    return picked == null ? draining.choose(policy, random, now, key, filter) : picked;
  }

  private int priority(Cluster.LoadBalancing policy, RandomGenerator random, long key) {
    int ticket = policy.hashes() ? (int) Long.remainderUnsigned(key, 100) : random.nextInt(100);
    for (int i = 0; i < levels.length; i++) {
      ticket -= loads.percent(i);
      if (ticket < 0) {
        return i;
      }
    }
    return 0;
  }

  /** Whether nothing is under way, so that the state may be forgotten with its cluster. */
  boolean idle() {
    return states.values().stream().allMatch(state -> state.outstanding() == 0);
  }

  /** A new endpoint is believed to be like the others: neither flooded nor starved. */
  private double meanLatency(long now) {
    return states.values().stream()
        .mapToDouble(state -> state.expectedLatency(now))
        .average()
        .orElse(FIRST_LATENCY_NANOS);
  }
}
