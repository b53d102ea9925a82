package dev.heddle.dataplane.config;

import java.util.random.RandomGenerator;

/**
 * A share of requests (envoy.type.v3.FractionalPercent).
 *
 * @param numerator at least 0; at or above the denominator it is all
 * @param denominator 100, 10,000 or 1,000,000
 */
public record Share(int numerator, int denominator) {

  public static final Share ALL = new Share(100, 100);

  /** Whether the next request is of the share. */
  public boolean takes(RandomGenerator random) {
    return numerator >= denominator || (numerator > 0 && random.nextInt(denominator) < numerator);
  }
}
