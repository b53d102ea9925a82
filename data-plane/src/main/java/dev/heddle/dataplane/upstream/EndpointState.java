package dev.heddle.dataplane.upstream;

/** What one event loop knows of an endpoint's load and health. */
final class EndpointState {
  /**
   * How much worse than expected a failure counts: others are preferred for some twenty seconds.
   */
  private static final double FAILURE_FACTOR = 5;

  private static final double LEAST_FAILURE_NANOS = 10e6;
  private static final double MOST_FAILURE_NANOS = 1e9;

  private static final long FIRST_BACK_OFF_NANOS = 500_000_000L;
  private static final long LONGEST_BACK_OFF_NANOS = 15_000_000_000L;

  private final PeakEwma latency;
  private final long bornNanos;
  private int outstanding;
  private int consecutiveFailures;
  private long avoidedUntil;

  EndpointState(double initialLatencyNanos, long now) {
    this.latency = new PeakEwma(initialLatencyNanos, now);
    this.avoidedUntil = now;
    this.bornNanos = now;
  }

  /** How long it has been known. */
  long ageNanos(long now) {
    return now - bornNanos;
  }

  void started() {
    outstanding++;
  }

  /**
   * An answer, a failure, or the end of a request that had neither.
   *
   * @param latencyNanos negative when there was no answer
   */
  void finished(long latencyNanos, boolean failed, long now) {
    outstanding--;
    if (!failed) {
      if (latencyNanos >= 0) {
        latency.observe(latencyNanos, now);
        consecutiveFailures = 0;
        avoidedUntil = now;
      }
      return;
    }
    double penalty =
        Math.clamp(latency.at(now) * FAILURE_FACTOR, LEAST_FAILURE_NANOS, MOST_FAILURE_NANOS);
    latency.observe(Math.max(latencyNanos, (long) penalty), now);
    if (latencyNanos < 0) {
      // It did not answer at all, a refused connection most often.
      int doublings = Math.min(consecutiveFailures++, 16);
      avoidedUntil = now + Math.min(LONGEST_BACK_OFF_NANOS, FIRST_BACK_OFF_NANOS << doublings);
    }
  }

  boolean avoided(long now) {
    return avoidedUntil - now > 0;
  }

  int outstanding() {
    return outstanding;
  }

  /** Expected latency; for endpoints that come new beside this one. */
  double expectedLatency(long now) {
    return latency.at(now);
  }

  /**
   * Latency times the requests that would then be under way, these in proportion to the endpoint's
   * share.
   *
   * @param relativeWeight the endpoint's weight, where the mean is 1
   */
  double load(long now, double relativeWeight) {
    // An estimate faded to nothing must not hide requests that never come back.
    return Math.max(latency.at(now), 1) * (1 + outstanding / relativeWeight);
  }
}
