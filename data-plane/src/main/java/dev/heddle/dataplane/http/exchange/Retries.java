package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Whether and where a request is tried again, by its route's policy, its cluster's limits and the
 * budget. Made when the first attempt brings nothing.
 */
final class Retries {
  private final Forwarding forwarding;
  private final RetryPolicy policy;
  private final RetryBudget budget;
  private final RandomGenerator random;
  private final Set<InetSocketAddress> avoid = new HashSet<>(4);
  private int made;
  private int waits;
  private boolean freshConnectionTried;

  /** What follows on an attempt that brought nothing the client is to see. */
  sealed interface Next {
    /** Another attempt. */
    record Try(PickedEndpoint endpoint, boolean freshConnection) implements Next {}

    /** A wait: endpoints may be about to appear, or one to come back. */
    record BackOff(long nanos) implements Next {}

    /** The client is told. */
    record GiveUp() implements Next {
      static final GiveUp NOW = new GiveUp();
    }
  }

  Retries(Forwarding forwarding, RetryPolicy policy, RetryBudget budget, RandomGenerator random) {
    this.forwarding = forwarding;
    this.policy = policy;
    this.budget = budget;
    this.random = random;
  }

  /** Where a connection was tried and another one is not expected to do better. */
  Set<InetSocketAddress> avoid() {
    return avoid;
  }

  /** Whether there may be another attempt after the one under way. */
  boolean leftOrFresh() {
    return left() || !freshConnectionTried;
  }

  /**
   * After an attempt failed whose request can be sent again.
   *
   * @param attempt is closed
   */
  Next afterFailure(Attempt attempt, UpstreamFailure failure) {
    return switch (forwarding.decide(failure)) {
      case NO -> {
        attempt.close(failure.outcome());
        yield Next.GiveUp.NOW;
      }
      case FRESH_CONNECTION -> {
        attempt.close(Outcome.NEUTRAL);
        yield takeFreshConnection() ? onFreshConnection() : retryElsewhere(attempt, failure);
      }
      case ELSEWHERE -> {
        attempt.close(failure.outcome());
        yield retryElsewhere(attempt, failure);
      }
    };
  }

  /**
   * Takes a retry, if there is one.
   *
   * @param attempt whose endpoint is not to be tried again while there are others
   * @param unprocessed whether it is certain that no server worked on the request
   */
  boolean take(Attempt attempt, boolean unprocessed) {
    PickedEndpoint picked = attempt.picked();
    if (!left()
        || !forwarding.countAsRetry(picked.cluster())
        || !budget.tryRetry(DeadlineTimer.now(), unprocessed)) {
      return false;
    }
    made++;
    avoid.add(picked.endpoint().address());
    return true;
  }

  /** After a retry was taken: at once where nobody was asked yet, else after a wait. */
  Next elsewhere() {
    forwarding.useNewest();
    PickedEndpoint picked = forwarding.pick();
    if (picked != null && !avoid.contains(picked.endpoint().address())) {
      return new Next.Try(picked, false);
    }
    if (picked != null) {
      picked.finished(-1, Outcome.NEUTRAL);
    }
    return backOff();
  }

  /** After a wait: to a new endpoint if there is one, else to one that may be back. */
  Next afterWait() {
    forwarding.useNewest();
    PickedEndpoint picked = forwarding.pick();
    if (picked != null) {
      return new Next.Try(picked, false);
    }
    return takeInVain() ? backOff() : Next.GiveUp.NOW;
  }

  private Next onFreshConnection() {
    PickedEndpoint picked = forwarding.pick();
    return picked == null ? Next.GiveUp.NOW : new Next.Try(picked, true);
  }

  private Next retryElsewhere(Attempt attempt, UpstreamFailure failure) {
    return take(attempt, failure.unprocessed()) ? elsewhere() : Next.GiveUp.NOW;
  }

  /** For another endpoint; waits grow from one to the next. */
  private Next backOff() {
    return new Next.BackOff(random.nextLong(policy.interval(waits++).toNanos()));
  }

  private boolean left() {
    return made < policy.retries();
  }

  /** Takes one that finds no endpoint at all. */
  private boolean takeInVain() {
    if (!left()) {
      return false;
    }
    made++;
    return true;
  }

  /** Takes the one retry on a connection that never carried a request; it costs nothing. */
  private boolean takeFreshConnection() {
    boolean first = !freshConnectionTried;
    freshConnectionTried = true;
    return first;
  }
}
