package dev.heddle.dataplane.upstream;

/**
 * An estimate of an endpoint's latency that rises at once and falls slowly (peak EWMA, as in
 * Finagle and Linkerd): a slow answer counts fully, later ones and time itself let it fade.
 */
final class PeakEwma {
  private static final double DECAY_NANOS = 10e9;

  private double estimate;
  private long updatedAt;

  /**
   * @param initialNanos what to believe before the first answer
   */
  PeakEwma(double initialNanos, long now) {
    this.estimate = initialNanos;
    this.updatedAt = now;
  }

  void observe(long latencyNanos, long now) {
    double faded = at(now);
    double weight = Math.exp(-elapsed(now) / DECAY_NANOS);
    // at() has faded the estimate already: what is left of it is its share of the average.
    estimate = latencyNanos > estimate ? latencyNanos : faded + latencyNanos * (1 - weight);
    updatedAt = now;
  }

  /** The estimate in nanoseconds, faded by the time since the last answer. */
  double at(long now) {
    return estimate * Math.exp(-elapsed(now) / DECAY_NANOS);
  }

  private double elapsed(long now) {
    return Math.max(0, now - updatedAt);
  }
}
