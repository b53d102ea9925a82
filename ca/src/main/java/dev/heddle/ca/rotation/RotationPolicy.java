package dev.heddle.ca.rotation;

import java.time.Duration;

/**
 * The times of rotation of what is signed below a root.
 *
 * @param announceFor how long peers are told of a new anchor before anything is signed below it
 * @param retention how long an anchor stays after nothing is signed below it any more
 */
record RotationPolicy(Duration announceFor, Duration retention) {
  /** A certificate is made anew when this share of its life is left. */
  private static final int RENEW_AT_ONE_IN = 3;

  /** A root that Heddle made is made anew when this share of its life is left. */
  private static final int RENEW_ROOT_AT_ONE_IN = 5;

  static Duration renewBefore(Duration life) {
    return life.dividedBy(RENEW_AT_ONE_IN);
  }

  static Duration renewRootBefore(Duration life) {
    return life.dividedBy(RENEW_ROOT_AT_ONE_IN);
  }
}
