package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.RequestMatch;
import java.util.List;

/** Where the traffic to one port of a service goes. */
sealed interface TrafficPlan {

  /** To the service's own endpoints. */
  record Unsplit() implements TrafficPlan {}

  /** Shared out among clusters: at least one, and at least one weight above 0. */
  record Shared(List<Share> shares) implements TrafficPlan {
    public Shared {
      shares = List.copyOf(shares);
    }
  }

  /**
   * Requests that fulfil any of the conditions go by a plan of their own, everything else to the
   * service's own endpoints.
   */
  record Conditional(List<RequestMatch> conditions, TrafficPlan matching) implements TrafficPlan {
    public Conditional {
      conditions = List.copyOf(conditions);
    }
  }

  /** To nobody, and the sender is told why. */
  record Nowhere(String reason) implements TrafficPlan {}

  /**
   * A cluster's share.
   *
   * @param cluster the cluster
   * @param weight its weight; 0 keeps a cluster known, so that it is warm when it gets traffic
   */
  record Share(String cluster, long weight) {}
}
