package dev.heddle.dataplane.http.http2;

import dev.heddle.dataplane.http.exchange.DeadlineTimer;

/**
 * Bounds the streams of one connection that are reset, so that a client cannot have work begun and
 * thrown away faster than it pays for (CVE-2023-44487, and CVE-2025-8671 where it makes the proxy
 * reset). A peer that carries many callers, as another proxy does, resets as often as they lose
 * patience: beyond a free number, resets are excessive only when they are more than half of the
 * streams opened in the same ten seconds, as in Envoy's overload.premature_reset rule.
 */
final class ResetBudget {
  private static final long WINDOW_NANOS = 10_000_000_000L;

  private final int free;
  private long windowStart = DeadlineTimer.now();
  private int opened;
  private int resets;

  /**
   * A full budget.
   *
   * @param free resets in ten seconds that are always in order
   */
  ResetBudget(int free) {
    this.free = free;
  }

  void opened() {
    advance(DeadlineTimer.now());
    opened++;
  }

  /** Counts one; false when it is one too many. */
  boolean reset() {
    advance(DeadlineTimer.now());
    resets++;
    return resets <= free || resets * 2L <= opened;
  }

  private void advance(long now) {
    if (now - windowStart >= WINDOW_NANOS) {
      windowStart = now;
      opened = 0;
      resets = 0;
    }
  }
}
