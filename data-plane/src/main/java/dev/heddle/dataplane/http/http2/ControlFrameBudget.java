package dev.heddle.dataplane.http.http2;

import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Bounds the frames that cost a peer nothing and us work: PING, SETTINGS, PRIORITY (CVE-2019-9512
 * and kin).
 */
final class ControlFrameBudget {
  private static final long WINDOW_NANOS = 10_000_000_000L;

  private final int perWindow;
  private long windowStart = DeadlineTimer.now();
  private int count;

  ControlFrameBudget(int perWindow) {
    this.perWindow = perWindow;
  }

  void take() throws Http2Exception {
    long now = DeadlineTimer.now();
    if (now - windowStart >= WINDOW_NANOS) {
      windowStart = now;
      count = 0;
    }
    if (++count > perWindow) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "more than %d control frames in 10 s", perWindow);
    }
  }
}
