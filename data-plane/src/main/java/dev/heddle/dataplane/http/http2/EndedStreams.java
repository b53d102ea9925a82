package dev.heddle.dataplane.http.http2;

import io.netty.handler.codec.http2.Http2Error;
import org.jspecify.annotations.Nullable;

/**
 * What HEADERS or DATA on a stream that is no longer known mean (RFC 9113, 5.1 and 5.1.1). On a
 * stream that this side has reset they may have been on their way, on one that the client has reset
 * they are the stream's error; on one that the client has ended with END_STREAM, or has passed
 * over, they are the connection's.
 */
final class EndedStreams {
  private static final int REMEMBERED = 128;

  private int @Nullable [] resets;
  private int next;
  private int lastOpened = -1;
  private int passedOverFrom;
  private int passedOverTo = -1;

  /** The client has opened a stream; those between this and the one before are passed over. */
  void opened(int stream) {
    if (stream > lastOpened + 2) {
      passedOverFrom = lastOpened + 2;
      passedOverTo = stream - 2;
    }
    lastOpened = stream;
  }

  /** Either side has reset a stream that the client had not ended. */
  void reset(int stream) {
    int[] ring = resets;
    if (ring == null) {
      ring = new int[REMEMBERED];
      resets = ring;
    }
    ring[next] = stream;
    next = (next + 1) % REMEMBERED;
  }

  /** The error of the connection; null where it is the stream's alone. */
  @Nullable Http2Error errorOf(int stream) {
    int[] ring = resets;
    if (ring != null) {
      for (int reset : ring) {
        if (reset == stream) {
          return null;
        }
      }
    }
    return stream >= passedOverFrom && stream <= passedOverTo
        ? Http2Error.PROTOCOL_ERROR
        : Http2Error.STREAM_CLOSED;
  }
}
