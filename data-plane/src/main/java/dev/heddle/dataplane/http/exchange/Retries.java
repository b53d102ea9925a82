package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What an exchange has tried already; made when its first attempt fails. */
final class Retries {
  private final RetryPolicy policy;
  private final RetryBudget budget;
  private final Set<InetSocketAddress> avoid = new HashSet<>(4);
  private int made;
  private int waits;
  private boolean freshConnectionTried;

  Retries(RetryPolicy policy, RetryBudget budget) {
    this.policy = policy;
    this.budget = budget;
  }

  /** Where a connection was tried and another one is not expected to do better. */
  Set<InetSocketAddress> avoid() {
    return avoid;
  }

  boolean left() {
    return made < policy.retries();
  }

  boolean leftOrFresh() {
    return left() || !freshConnectionTried;
  }

  /**
   * Takes a retry if the policy and the budget have one.
   *
   * @param unprocessed whether it is certain that no server worked on the request
   * @param endpoint that is not to be tried again while there are others
   */
  boolean take(long now, boolean unprocessed, InetSocketAddress endpoint) {
    if (!left() || !budget.tryRetry(now, unprocessed)) {
      return false;
    }
    made++;
    avoid.add(endpoint);
    return true;
  }

  /** Takes one that finds no endpoint at all. */
  boolean takeInVain() {
    if (!left()) {
      return false;
    }
    made++;
    return true;
  }

  /** Takes the one retry on a connection that never carried a request; it costs nothing. */
  boolean takeFreshConnection() {
    boolean first = !freshConnectionTried;
    freshConnectionTried = true;
    return first;
  }

  /** How long to wait for another endpoint; grows from wait to wait. */
  long waitNanos(RandomGenerator random) {
    return random.nextLong(policy.interval(waits++).toNanos());
  }
}
