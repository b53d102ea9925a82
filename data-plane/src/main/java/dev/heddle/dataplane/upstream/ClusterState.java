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
 * the assignment.
 */
final class ClusterState {
  /** Believed of the very first endpoint of a cluster. */
  private static final double FIRST_LATENCY_NANOS = 1_000_000;

  private static final Candidates NOBODY = new Candidates(List.of());

  private final Map<InetSocketAddress, EndpointState> states = new HashMap<>();
  private List<Endpoint> endpoints = List.of();
  private Candidates healthy = NOBODY;
  private Candidates draining = NOBODY;

  /**
   * Takes over an assignment; cheap when it is the same object as before.
   *
   * @param current resolved endpoints
   */
  // The same object means that nothing has changed; equality would look at every endpoint each
  // time.
  @SuppressWarnings("ReferenceEquality")
  void assign(List<Endpoint> current, long now) {
    if (current == endpoints) {
      return;
    }
    double expected = meanLatency(now);
    List<Candidate> nextHealthy = new ArrayList<>(current.size());
    List<Candidate> nextDraining = new ArrayList<>();
    Set<InetSocketAddress> assigned = HashSet.newHashSet(current.size());
    for (Endpoint endpoint : current) {
      assigned.add(endpoint.address());
      Candidate candidate =
          new Candidate(
              endpoint,
              states.computeIfAbsent(
                  endpoint.address(), address -> new EndpointState(expected, now)));
      switch (endpoint.health()) {
        case HEALTHY -> nextHealthy.add(candidate);
        case DRAINING -> nextDraining.add(candidate);
        case UNHEALTHY -> {}
      }
    }
    states
        .entrySet()
        .removeIf(
            entry -> !assigned.contains(entry.getKey()) && entry.getValue().outstanding() == 0);
    endpoints = current;
    healthy = new Candidates(nextHealthy);
    draining = new Candidates(nextDraining);
  }

  /**
   * Healthy before draining, not avoided before avoided, not tried before tried; never an unhealthy
   * one.
   */
  @Nullable Candidate pick(
      Cluster.LoadBalancing loadBalancing,
      RandomGenerator random,
      long now,
      Set<InetSocketAddress> tried) {
    Candidates.Eligible untried =
        tried.isEmpty()
            ? candidate -> true
            : candidate -> !tried.contains(candidate.endpoint().address());
    Candidates.Eligible fresh =
        candidate -> !candidate.state().avoided(now) && untried.test(candidate);
    Candidate picked = choose(healthy, loadBalancing, random, now, fresh);
    if (picked == null) {
      picked = choose(healthy, loadBalancing, random, now, untried);
    }
    if (picked == null) {
      picked = choose(draining, loadBalancing, random, now, untried);
    }
    if (picked == null && !tried.isEmpty()) {
      picked = choose(healthy, loadBalancing, random, now, candidate -> true);
    }
    if (picked == null && !tried.isEmpty()) {
      picked = choose(draining, loadBalancing, random, now, candidate -> true);
    }
    return picked;
  }

  /** Whether nothing is under way, so that the state may be forgotten with its cluster. */
  boolean idle() {
    return states.values().stream().allMatch(state -> state.outstanding() == 0);
  }

  private static @Nullable Candidate choose(
      Candidates among,
      Cluster.LoadBalancing loadBalancing,
      RandomGenerator random,
      long now,
      Candidates.Eligible eligible) {
    return switch (loadBalancing) {
      case PEAK_EWMA -> among.powerOfTwo(random, now, eligible);
      case ROUND_ROBIN -> among.roundRobin(eligible);
    };
  }

  /** A new endpoint is believed to be like the others: neither flooded nor starved. */
  private double meanLatency(long now) {
    return states.values().stream()
        .mapToDouble(state -> state.expectedLatency(now))
        .average()
        .orElse(FIRST_LATENCY_NANOS);
  }
}
