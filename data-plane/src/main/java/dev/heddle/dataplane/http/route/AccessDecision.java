package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a policy allows a request. */
public final class AccessDecision {
  private AccessDecision() {}

  /**
   * Whether any rule allows it.
   *
   * @param principal the SPIFFE id proved by the client; null on plaintext
   */
  public static boolean allows(
      AccessPolicy policy, @Nullable String principal, int destinationPort, RequestHead request) {
    List<AccessPolicy.Rule> rules = policy.rules();
    for (int i = 0; i < rules.size(); i++) {
      AccessPolicy.Rule rule = rules.get(i);
      if ((rule.principals().isEmpty()
              || (principal != null && rule.principals().contains(principal)))
          && portMatches(rule.destinationPorts(), destinationPort)
          && (rule.request() == null || RequestMatcher.matches(rule.request(), request))) {
        return true;
      }
    }
    return false;
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
