package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.upstream.Candidates.Candidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The endpoints of one priority that are in use: the healthy ones, or in panic all. Where
 * localities are weighted, each gets traffic by its weight and by how much of it is healthy.
 */
final class PriorityLevel {
  private final Candidates serving;
  private final Candidates[] localities;
  private final double[] cumulativeWeights;

  private PriorityLevel(Candidates serving, Candidates[] localities, double[] cumulativeWeights) {
    this.serving = serving;
    this.localities = localities;
    this.cumulativeWeights = cumulativeWeights;
  }

  /** A locality, and who of it is healthy. */
  private static final class Group {
    final List<Candidate> healthy = new ArrayList<>();
    int total;
    int weight;
  }

  /**
   * Makes a level.
   *
   * @param all its endpoints
   * @param healthy those of them that are
   * @param panic whether all are used
   */
  static PriorityLevel of(
      List<Candidate> all,
      List<Candidate> healthy,
      boolean panic,
      Cluster.Balancing balancing,
      int overprovisioningPercent) {
    if (panic || !balancing.localityWeighted()) {
      return new PriorityLevel(
          new Candidates(panic ? all : healthy, balancing), new Candidates[0], new double[0]);
    }
    Map<Endpoint.Locality, Group> groups = new LinkedHashMap<>();
    for (Candidate candidate : all) {
      Group group =
          groups.computeIfAbsent(candidate.endpoint().locality(), locality -> new Group());
      group.total++;
      group.weight = candidate.endpoint().localityWeight();
    }
    for (Candidate candidate : healthy) {
      groups
          .computeIfAbsent(candidate.endpoint().locality(), locality -> new Group())
          .healthy
          .add(candidate);
    }
    boolean weighted =
        groups.values().stream()
            .anyMatch(group -> effectiveWeight(group, overprovisioningPercent) > 0);
    return weighted
        ? weighted(List.copyOf(groups.values()), balancing, overprovisioningPercent)
        : new PriorityLevel(new Candidates(healthy, balancing), new Candidates[0], new double[0]);
  }

  private static PriorityLevel weighted(
      List<Group> groups, Cluster.Balancing balancing, int overprovisioningPercent) {
    Candidates[] localities = new Candidates[groups.size()];
    double[] cumulative = new double[groups.size()];
    double sum = 0;
    for (int i = 0; i < localities.length; i++) {
      Group group = groups.get(i);
      localities[i] = new Candidates(group.healthy, balancing);
      sum += effectiveWeight(group, overprovisioningPercent);
      cumulative[i] = sum;
    }
    List<Candidate> serving = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    for (Group group : groups) {
      double weight = effectiveWeight(group, overprovisioningPercent);
      if (weight > 0) {
        double endpoints =
            group.healthy.stream().mapToDouble(each -> each.endpoint().weight()).sum();
        for (Candidate candidate : group.healthy) {
          serving.add(candidate);
          shares.add(weight / sum * candidate.endpoint().weight() / endpoints);
        }
      }
    }
    return new PriorityLevel(
        new Candidates(
            serving, balancing, shares.stream().mapToDouble(Double::doubleValue).toArray()),
        localities,
        cumulative);
  }

  /** A locality keeps its share until more than what it has to spare is unhealthy. */
  private static double effectiveWeight(Group group, int overprovisioningPercent) {
    double available =
        Math.min(1, overprovisioningPercent / 100.0 * group.healthy.size() / group.total);
    return group.weight * available;
  }

  /** Every endpoint in use. */
  Candidates serving() {
    return serving;
  }

  /** Those to choose from for one request. */
  Candidates choose(Cluster.LoadBalancing policy, RandomGenerator random) {
    int count = localities.length;
    if (count == 0 || policy.hashes()) {
      return serving;
    }
    double ticket = random.nextDouble() * cumulativeWeights[count - 1];
    for (int i = 0; i < count; i++) {
      if (ticket < cumulativeWeights[i]) {
        return localities[i];
      }
    }
    return localities[count - 1];
  }
}
