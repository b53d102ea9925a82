package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.RouteGroup;
import dev.heddle.smiadapter.state.Transport;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Looks up what a grant refers to. What is not there never makes it grant more: a rule on ports
 * that is missing still limits requests, to no port.
 */
final class GrantResolution {

  private final MeshState state;
  private final Grant grant;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<RequestMatch> requests = new LinkedHashSet<>();
  private final SortedSet<Integer> ports = new TreeSet<>();
  private boolean limitedToRequests;
  private boolean limitedToPorts;
  private boolean everyPort;

  private GrantResolution(MeshState state, Grant grant) {
    this.state = state;
    this.grant = grant;
  }

  /** What a grant lets through. */
  static GrantedTraffic traffic(MeshState state, Grant grant) {
    return new GrantResolution(state, grant).resolve();
  }

  /** What its user asked for and does not get. */
  static List<Finding> findings(MeshState state, Grant grant) {
    GrantResolution resolution = new GrantResolution(state, grant);
    return switch (resolution.resolve()) {
      case GrantedTraffic.Nothing() -> resolution.findings.stream().map(Finding::ofWhole).toList();
      case GrantedTraffic.Everything(var ports) -> resolution.findings;
      case GrantedTraffic.Requests(var matches, var ports) -> resolution.findings;
    };
  }

  private GrantedTraffic resolve() {
    if (!ownersDecide()) {
      return new GrantedTraffic.Nothing();
    }
    for (Grant.Rule rule : grant.rules()) {
      switch (rule) {
        case Grant.Rule.Requests named -> add(named);
        case Grant.Rule.Ports named -> add(named);
      }
    }
    PortLimit limit = portLimit();
    boolean nothing =
        grant.clients().isEmpty()
            || !(limitedToRequests || limitedToPorts)
            || (limitedToRequests && requests.isEmpty())
            || limit.isEmpty();
    if (nothing) {
      return new GrantedTraffic.Nothing();
    }
    return limitedToRequests
        ? new GrantedTraffic.Requests(List.copyOf(requests), limit)
        : new GrantedTraffic.Everything(limit);
  }

  /** Whoever owns the destination's namespace decides who may call it, unless settings say more. */
  private boolean ownersDecide() {
    String own = grant.source().name().namespace();
    if (own.equals(grant.destination().namespace()) || state.settings().foreignGrants()) {
      return true;
    }
    find(
        grant.destinationField() + ".namespace",
        grant.destination().namespace()
            + " (expected: "
            + own
            + ", the object's own, as long as the MeshInstall does not allow others);"
            + " nothing is granted");
    return false;
  }

  private void add(Grant.Rule.Requests rule) {
    limitedToRequests = true;
    Optional<RouteGroup> group = state.routeGroup(rule.group());
    if (group.isEmpty()) {
      find(
          rule.field() + ".name",
          "HTTP route group "
              + rule.group()
              + " does not exist or cannot be honoured; the rule grants nothing");
      return;
    }
    if (rule.matches().isEmpty()) {
      requests.addAll(group.get().matches().values());
    }
    for (int i = 0; i < rule.matches().size(); i++) {
      String name = rule.matches().get(i);
      RequestMatch match = group.get().matches().get(name);
      if (match == null) {
        find(
            rule.field() + ".matches[" + i + "]",
            "HTTP route group "
                + rule.group()
                + " has no match "
                + name
                + " that can be honoured; nothing is granted by it");
      } else {
        requests.add(match);
      }
    }
  }

  private void add(Grant.Rule.Ports rule) {
    if (rule.rule().transport() == Transport.UDP) {
      find(
          rule.field(),
          "UDP is not carried by the mesh; the rule neither grants nor refuses anything");
      return;
    }
    limitedToPorts = true;
    Optional<PortRule> listed = state.portRule(rule.rule());
    if (listed.isEmpty()) {
      find(
          rule.field() + ".name",
          "TCP route "
              + rule.rule().name()
              + " does not exist or cannot be honoured; the rule grants nothing");
      return;
    }
    everyPort |= listed.get().ports().isEmpty();
    ports.addAll(listed.get().ports());
  }

  private PortLimit portLimit() {
    PortLimit limit = limitedToPorts && !everyPort ? new PortLimit.To(ports) : new PortLimit.None();
    Integer only = grant.port();
    if (only == null) {
      return limit;
    }
    PortLimit left = limit.and(only);
    if (left.isEmpty() && !limit.isEmpty()) {
      find("spec.rules", "no rule allows port " + only + ", the only one; nothing is granted");
    }
    return left;
  }

  private void find(String field, String reason) {
    findings.add(new Finding(grant.source(), field, reason));
  }
}
