package dev.heddle.smiadapter.telemetry;

import dev.heddle.meshapi.telemetry.LatencyHistogram;

/**
 * How many requests went well, how many did not, and how long they took.
 *
 * @param successes at least 0
 * @param failures at least 0
 * @param latency of both
 */
public record Counts(long successes, long failures, LatencyHistogram latency) {

  public static final Counts NONE = new Counts(0, 0, LatencyHistogram.EMPTY);

  /** Refuses negative numbers. */
  public Counts {
    if (successes < 0 || failures < 0) {
      throw new IllegalArgumentException(
          "successes, failures: " + successes + ", " + failures + " (expected: >= 0)");
    }
  }

  /** What was counted here and there. */
  public Counts plus(Counts other) {
    return new Counts(
        successes + other.successes, failures + other.failures, latency.plus(other.latency));
  }

  /** All requests. */
  public long requests() {
    return successes + failures;
  }
}
