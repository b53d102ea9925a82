package dev.heddle.meshapi.identity;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When to ask for the next certificate: at half of what remained when the current one was obtained,
 * or after a failure with exponential back-off. Both with jitter, so that pods that started
 * together do not ask together.
 */
final class RenewalSchedule {
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(60);
  private static final Duration SHORTEST_RENEWAL = Duration.ofSeconds(1);

  private final RandomGenerator random;

  RenewalSchedule(RandomGenerator random) {
    this.random = random;
  }

  /**
   * How long to wait with a certificate obtained at a time: 45 to 55 % of its life from then on.
   */
  Duration afterSuccess(Instant now, Instant obtained, Instant notAfter) {
    long life = Duration.between(obtained, notAfter).toMillis();
    Instant due = obtained.plusMillis((long) (life * random.nextDouble(0.45, 0.55)));
    Duration wait = Duration.between(now, due);
    return wait.compareTo(SHORTEST_RENEWAL) < 0 ? SHORTEST_RENEWAL : wait;
  }

  /**
   * How long to wait after failures.
   *
   * @param failures in a row, at least 1
   */
  Duration afterFailure(int failures) {
    int doublings = Math.min(failures - 1, 16);
    long longest = Math.min(LONGEST_RETRY.toMillis(), FIRST_RETRY.toMillis() << doublings);
    return Duration.ofMillis((long) (longest * random.nextDouble(0.5, 1)));
  }
}
