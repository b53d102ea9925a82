package dev.heddle.dataplane.http.http2;

import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Bounds the frames that cost a peer nothing and us work, PING, SETTINGS, PRIORITY (CVE-2019-9512
 * and kin), beyond what goes with requests and answers.
 */
final class ControlFrameBudget {
  private static final long WINDOW_NANOS = 10_000_000_000L;

  private static final int EARNED = 2;

  private final int perWindow;
  private long windowStart = DeadlineTimer.now();
  private int count;

  ControlFrameBudget(int perWindow) {
    this.perWindow = perWindow;
  }

  /**
   * Useful frames earn control frames: gRPC sends a PING for nearly every message that it receives,
   * to measure the bandwidth.
   */
  void earn() {
    count = Math.max(0, count - EARNED);
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
