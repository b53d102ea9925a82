package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;

/** Whether a policy allows a request. */
public final class AccessDecision {
  private AccessDecision() {}

  /**
   * Whether any rule allows it.
   *
   * @param principals the names in the client's certificate; empty for nobody
   */
  public static boolean allows(
      AccessPolicy policy, List<String> principals, int destinationPort, RequestHead request) {
    List<AccessPolicy.Rule> rules = policy.rules();
    for (int i = 0; i < rules.size(); i++) {
      AccessPolicy.Rule rule = rules.get(i);
      if (principalMatches(rule.principals(), principals)
          && portMatches(rule.destinationPorts(), destinationPort)
          && (rule.request() == null || RequestMatcher.matches(rule.request(), request))) {
        return true;
      }
    }
    return false;
  }

  private static boolean principalMatches(List<String> allowed, List<String> principals) {
    for (int i = 0; i < principals.size(); i++) {
      if (allowed.contains(principals.get(i))) {
        return true;
      }
    }
    return allowed.isEmpty();
  }

  private static boolean portMatches(List<Integer> ports, int port) {
    for (int i = 0; i < ports.size(); i++) {
      if (ports.get(i) == port) {
        return true;
      }
    }
    return ports.isEmpty();
  }
}
