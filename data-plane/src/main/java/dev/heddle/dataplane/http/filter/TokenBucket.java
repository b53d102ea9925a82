package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.HttpFilter.LocalRateLimit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tokens that come back steadily. All of its state is one number, the time at which it was empty
 * (GCRA), so that loops share it without a lock.
 */
final class TokenBucket {
  private final long nanosPerToken;
  private final long capacityNanos;
  private final AtomicLong emptyAt;

  TokenBucket(LocalRateLimit.TokenBucket settings, long now) {
    this.nanosPerToken = Math.max(1, settings.interval().toNanos() / settings.fill());
    this.capacityNanos = nanosPerToken * settings.capacity();
    this.emptyAt = new AtomicLong(now - capacityNanos);
  }

  /** Takes a token if there is one. */
  boolean take(long now) {
    while (true) {
      long before = emptyAt.get();
      long after = Math.max(before, now - capacityNanos) + nanosPerToken;
      if (after > now) {
        return false;
      }
      if (emptyAt.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  /** Whether a new bucket would be the same. */
  boolean full(long now) {
    return emptyAt.get() <= now - capacityNanos;
  }
}
