package dev.heddle.dataplane.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are allowed (envoy.config.rbac.v3.RBAC, action ALLOW): those that any rule
 * matches; with no rule none. What else RBAC can say, also of connections, is {@link AccessRules}.
 */
public record AccessPolicy(List<Rule> rules) {

  public AccessPolicy {
    rules = List.copyOf(rules);
  }

  /**
   * All that is given holds.
   *
   * @param principals names any of which may call; empty for anybody, authenticated or not
   * @param destinationPorts any of these; empty for every port
   * @param request a condition on the request; null for every request
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
