package dev.heddle.dataplane.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is allowed (envoy.config.rbac.v3.RBAC, action ALLOW): any rule that matches; with no rule
 * nothing. There are no deny rules.
 */
public record AccessPolicy(List<Rule> rules) {

  public AccessPolicy {
    rules = List.copyOf(rules);
  }

  /**
   * All that is given holds.
   *
   * @param principals SPIFFE ids any of which may call; empty for anybody, authenticated or not
   * @param destinationPorts any of these; empty for every port
   * @param request a condition on the request; null for connections as a whole
   */
  public record Rule(
      String name,
      List<String> principals,
      List<Integer> destinationPorts,
      RouteConfiguration.@Nullable RouteMatch request) {
    public Rule {
      principals = List.copyOf(principals);
      destinationPorts = List.copyOf(destinationPorts);
    }
  }
}
