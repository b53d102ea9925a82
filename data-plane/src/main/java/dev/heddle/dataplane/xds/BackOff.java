package dev.heddle.dataplane.xds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waiting times between attempts: exponential, bounded, spread by a fifth either way. Not
 * thread-safe.
 */
final class BackOff {

  private static final double FIRST_MILLIS = 250;

  /** So long at most does a control plane that has come back wait to be heard. */
  private static final double LONGEST_MILLIS = 5_000;

  private static final double GROWTH = 1.8;
  private static final double SPREAD = 0.2;

  private final RandomGenerator random;
  private double nextMillis = FIRST_MILLIS;

  BackOff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    double millis = nextMillis * random.nextDouble(1 - SPREAD, 1 + SPREAD);
    nextMillis = Math.min(nextMillis * GROWTH, LONGEST_MILLIS);
    return Duration.ofMillis((long) millis);
  }

  void reset() {
    nextMillis = FIRST_MILLIS;
  }
}
