package dev.heddle.dataplane.http.exchange;

import java.util.Arrays;

/**
 * Bounds retries to a share of the requests, so that retrying never multiplies an overload: over
 * the last ten seconds at most 20 % of the requests, plus three per second. One per cluster and
 * event loop.
 */
public final class RetryBudget {
  private static final int SLOTS = 10;
  private static final long SLOT_NANOS = 1_000_000_000L;
  private static final int PERCENT = 20;
  private static final int PERCENT_UNPROCESSED = 100;
  private static final int MINIMUM_PER_SECOND = 3;

  private final int[] requests = new int[SLOTS];
  private final int[] retries = new int[SLOTS];
  private long slot;
  private long requestSum;
  private long retrySum;

  public void request(long nanos) {
    advance(nanos);
    requests[(int) (slot % SLOTS)]++;
    requestSum++;
  }

  /**
   * Takes a retry from the budget if there is one left.
   *
   * @param unprocessed whether it is certain that no server worked on the request
   */
  public boolean tryRetry(long nanos, boolean unprocessed) {
    advance(nanos);
    int percent = unprocessed ? PERCENT_UNPROCESSED : PERCENT;
    if (retrySum >= requestSum * percent / 100 + (long) MINIMUM_PER_SECOND * SLOTS) {
      return false;
    }
    retries[(int) (slot % SLOTS)]++;
    retrySum++;
    return true;
  }

  private void advance(long nanos) {
    long now = nanos / SLOT_NANOS;
    if (now - slot >= SLOTS) {
      Arrays.fill(requests, 0);
      Arrays.fill(retries, 0);
      requestSum = 0;
      retrySum = 0;
      slot = now;
      return;
    }
    while (slot < now) {
      slot++;
      int index = (int) (slot % SLOTS);
      requestSum -= requests[index];
      retrySum -= retries[index];
      requests[index] = 0;
      retries[index] = 0;
    }
  }
}
