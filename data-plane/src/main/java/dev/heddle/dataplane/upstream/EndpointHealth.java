package dev.heddle.dataplane.upstream;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** What all event loops know together about the health of an endpoint. Thread-safe. */
public final class EndpointHealth {

  /** What active health checks say. */
  enum Checked {
    NOT_YET,
    HEALTHY,
    UNHEALTHY
  }

  private final InetSocketAddress address;
  private volatile Checked checked = Checked.NOT_YET;
  private volatile boolean ejected;

  // Of outlier detection.
  final AtomicInteger consecutiveErrors = new AtomicInteger();
  final AtomicInteger consecutiveGatewayErrors = new AtomicInteger();
  final AtomicInteger consecutiveLocalFailures = new AtomicInteger();
  final Rate answers = new Rate();
  final Rate connections = new Rate();

  EndpointHealth(InetSocketAddress address) {
    this.address = address;
  }

  InetSocketAddress address() {
    return address;
  }

  boolean ejected() {
    return ejected;
  }

  void eject(boolean now) {
    ejected = now;
  }

  Checked checked() {
    return checked;
  }

  void checked(Checked result) {
    checked = result;
  }

  /** Requests of an interval, and how many of them went well. */
  static final class Rate {
    private final AtomicInteger total = new AtomicInteger();
    private final AtomicInteger successes = new AtomicInteger();

    void count(boolean success) {
      total.incrementAndGet();
      if (success) {
        successes.incrementAndGet();
      }
    }

    /** Begins the next interval. */
    Interval take() {
      return new Interval(total.getAndSet(0), successes.getAndSet(0));
    }
  }

  /** What an interval came to. */
  record Interval(int total, int successes) {
    double successPercent() {
      return total == 0 ? 100 : Math.min(100, 100.0 * successes / total);
    }
  }
}
