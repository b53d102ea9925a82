package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.http.HttpLimits;

/**
 * Whether a request's body comes in fast enough: in every window of time at least the bytes that
 * the minimum rate asks for. A client that sends one byte now and then makes progress, and would
 * hold a connection and a server for as long as it likes. Time in which the proxy itself did not
 * read does not count. One per connection or stream; {@link #begin} starts it over.
 */
public final class BodyRate {
  private final long windowNanos;
  private final long minimumPerWindow;

  private boolean watching;
  private boolean enforced;
  private long windowStart;
  private long bytes;

  public BodyRate(HttpLimits limits) {
    this.windowNanos = limits.bodyRateWindow().toNanos();
    this.minimumPerWindow = limits.minBodyBytesPerSecond() * windowNanos / 1_000_000_000L;
  }

  /**
   * A body begins.
   *
   * @param enforced whether a slow one is refused in any case, or only when the proxy is short of
   *     something. A body whose length is stated is a file or a form; one whose is not may be a
   *     conversation, which pauses
   */
  public void begin(long now, boolean enforced) {
    this.watching = true;
    this.enforced = enforced;
    this.windowStart = now;
    this.bytes = 0;
  }

  /** The body is complete, or there is none. */
  public void end() {
    watching = false;
  }

  public void received(int more) {
    bytes += more;
  }

  /** When to look again; {@link DeadlineTimer#NONE} while there is no need. */
  public long deadline() {
    return watching && enforced ? windowStart + windowNanos : DeadlineTimer.NONE;
  }

  /**
   * Whether the window that is over brought too little; begins the next one if not.
   *
   * @param heldBack whether the proxy waits for the server before it reads more
   */
  public boolean tooSlow(long now, boolean heldBack) {
    if (!watching || !enforced || now < windowStart + windowNanos) {
      return false;
    }
    boolean slow = !heldBack && bytes < minimumPerWindow;
    windowStart = now;
    bytes = 0;
    return slow;
  }

  /** The same of the window that has begun, for when the proxy is short of something. */
  public boolean slowSoFar(long now, boolean heldBack) {
    return watching
        && !heldBack
        && now - windowStart >= windowNanos / 2
        && bytes < minimumPerWindow / 2;
  }
}
