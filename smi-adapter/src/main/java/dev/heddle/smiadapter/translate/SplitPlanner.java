package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.SplitCondition;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.translate.TrafficPlan.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides where traffic to a service goes. A split that cannot be honoured in full is honoured as
 * far as it can be, and what is left out is a finding.
 */
final class SplitPlanner {

  /** What {@code weighted_clusters} may sum up to (uint32). */
  private static final long MAX_TOTAL_WEIGHT = 0xFFFF_FFFFL;

  private final MeshState state;
  private final Service apex;
  private final Optional<Split> split;
  private final List<Finding> findings = new ArrayList<>();

  SplitPlanner(MeshState state, Service apex) {
    this.state = state;
    this.apex = apex;
    List<Split> splits = state.splitsOf(apex.name());
    this.split = splits.stream().findFirst();
    splits.stream().skip(1).forEach(younger -> findings.add(overruled(younger, splits.getFirst())));
    split.ifPresent(this::inspect);
  }

  /** The findings about the splits of a service that does not exist. */
  static List<Finding> withoutApex(List<Split> splits) {
    return splits.stream()
        .map(split ->
            new Finding(
                split.source(),
                split.apexField(),
                "Service "
                    + split.apex()
                    + " does not exist; there is no traffic to split until it does",
                Finding.Extent.WHOLE))
        .toList();
  }

  /** What users asked for and do not get; complete once every port has been planned. */
  List<Finding> findings() {
    return findings;
  }

  /** Where traffic to a port goes. */
  TrafficPlan plan(ServicePort port) {
    return split
        .map(holding -> limited(holding, plan(holding, port)))
        .orElseGet(TrafficPlan.Unsplit::new);
  }

  /** Groups are merged: a request that is of any of them is split. */
  private TrafficPlan limited(Split holding, TrafficPlan plan) {
    if (holding.conditions().isEmpty()) {
      return plan;
    }
    List<RequestMatch> conditions =
        holding.conditions().stream()
            .map(condition -> state.routeGroup(condition.group()))
            .flatMap(Optional::stream)
            .flatMap(group -> group.matches().values().stream())
            .distinct()
            .toList();
    return conditions.isEmpty()
        ? new TrafficPlan.Unsplit()
        : new TrafficPlan.Conditional(conditions, plan);
  }

  private TrafficPlan plan(Split holding, ServicePort port) {
    if (allZero(holding.backends())) {
      return new TrafficPlan.Nowhere(holding.source() + ": every backend has weight 0");
    }
    List<WeightedBackend> usable =
        holding.backends().stream().filter(backend -> hasPort(holding, backend, port)).toList();
    if (allZero(usable)) {
      return new TrafficPlan.Nowhere(
          holding.source()
              + ": no backend with a weight above 0 has a Service with port "
              + port.number());
    }
    return new TrafficPlan.Shared(shares(withEndpoints(usable, port), port));
  }

  private void inspect(Split holding) {
    inspectConditions(holding);
    if (allZero(holding.backends())) {
      findings.add(
          new Finding(
              holding.source(),
              "spec.backends",
              "every weight is 0; requests to Service " + apex.name() + " are answered with 503"));
    }
    for (WeightedBackend backend : holding.backends()) {
      if (state.service(backend.service()).isEmpty()) {
        findings.add(
            new Finding(
                holding.source(),
                backend.field() + ".service",
                "Service "
                    + backend.service()
                    + " does not exist; the backend is left out and the others keep their ratio"));
      }
    }
  }

  private void inspectConditions(Split holding) {
    for (SplitCondition condition : holding.conditions()) {
      if (state.routeGroup(condition.group()).isEmpty()) {
        findings.add(
            new Finding(
                holding.source(),
                condition.field() + ".name",
                "HTTP route group "
                    + condition.group()
                    + " does not exist or cannot be honoured; no request is split by it"));
      }
    }
  }

  private boolean hasPort(Split holding, WeightedBackend backend, ServicePort port) {
    Optional<Service> service = state.service(backend.service());
    if (service.isEmpty()) {
      return false;
    }
    boolean has = service.get().port(port.number()).isPresent();
    if (!has) {
      findings.add(
          new Finding(
              holding.source(),
              backend.field() + ".service",
              "Service "
                  + backend.service()
                  + " has no port "
                  + port.number()
                  + ", which Service "
                  + apex.name()
                  + " has; the backend is left out on that port"));
    }
    return has;
  }

  /** Leaves out the backends without a ready endpoint, as long as one with a weight has some. */
  private List<WeightedBackend> withEndpoints(List<WeightedBackend> backends, ServicePort port) {
    List<WeightedBackend> ready =
        backends.stream().filter(backend -> ready(backend, port)).toList();
    return allZero(ready) ? backends : ready;
  }

  private boolean ready(WeightedBackend backend, ServicePort port) {
    Service service = state.service(backend.service()).orElseThrow();
    return service
        .port(port.number())
        .filter(own -> ResolvedEndpoint.anyReady(state, service, own))
        .isPresent();
  }

  private static List<Share> shares(List<WeightedBackend> backends, ServicePort port) {
    Map<String, Long> weights = new LinkedHashMap<>();
    backends.forEach(backend ->
        weights.merge(
            ResourceNames.service(backend.service(), port.number()), backend.weight(), Long::sum));
    long total = weights.values().stream().mapToLong(Long::longValue).sum();
    long divisor = Math.ceilDiv(total, MAX_TOTAL_WEIGHT);
    return weights.entrySet().stream()
        .map(entry -> new Share(entry.getKey(), scale(entry.getValue(), divisor)))
        .toList();
  }

  private static long scale(long weight, long divisor) {
    return weight == 0 ? 0 : Math.max(1, weight / divisor);
  }

  private static boolean allZero(List<WeightedBackend> backends) {
    return backends.stream().allMatch(backend -> backend.weight() == 0);
  }

  private static Finding overruled(Split younger, Split holding) {
    return new Finding(
        younger.source(),
        younger.apexField(),
        "Service "
            + younger.apex()
            + " is already split by "
            + holding.source()
            + ", which is older; this object has no effect",
        Finding.Extent.WHOLE);
  }
}
