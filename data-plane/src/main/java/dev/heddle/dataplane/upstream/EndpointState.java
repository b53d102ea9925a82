package dev.heddle.dataplane.upstream;

/** What one event loop knows of an endpoint's load and health. */
final class EndpointState {
  /** What a failure counts as: long enough that others are preferred for some seconds. */
  private static final long PENALTY_NANOS = 1_000_000_000L;

  private static final long FIRST_BACK_OFF_NANOS = 500_000_000L;
  private static final long LONGEST_BACK_OFF_NANOS = 15_000_000_000L;

  private final PeakEwma latency;
  private int outstanding;
  private int consecutiveFailures;
  private long avoidedUntil;

  EndpointState(double initialLatencyNanos, long now) {
    this.latency = new PeakEwma(initialLatencyNanos, now);
    this.avoidedUntil = now;
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
    latency.observe(Math.max(latencyNanos, PENALTY_NANOS), now);
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

  /** Latency times the requests that would then be under way. */
  double load(long now) {
    // An estimate faded to nothing must not hide requests that never come back.
    return Math.max(latency.at(now), 1) * (outstanding + 1);
  }
}
