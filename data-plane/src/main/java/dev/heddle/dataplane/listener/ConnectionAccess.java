package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.meshapi.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/** Decides on connections as a whole (the RBAC network filter). */
final class ConnectionAccess {
  private ConnectionAccess() {}

  /**
   * Whether any rule allows the connection. A rule with a condition on requests says nothing of
   * connections and allows none.
   */
  static boolean allows(
      @Nullable AccessPolicy policy, @Nullable SpiffeId peer, int destinationPort) {
    if (policy == null) {
      return true;
    }
    for (AccessPolicy.Rule rule : policy.rules()) {
      if (rule.request() == null
          && (rule.destinationPorts().isEmpty()
              || rule.destinationPorts().contains(destinationPort))
          && (rule.principals().isEmpty()
              || (peer != null && rule.principals().contains(peer.toString())))) {
        return true;
      }
    }
    return false;
  }
}
