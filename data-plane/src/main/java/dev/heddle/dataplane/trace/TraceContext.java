package dev.heddle.dataplane.trace;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A span's place in a trace, as a traceparent header says it (W3C Trace Context, 3.2). An id of
 * zero only is not valid.
 *
 * @param sampled whether the span is recorded
 */
public record TraceContext(long traceIdHigh, long traceIdLow, long spanId, boolean sampled) {
  public static final String HEADER = "traceparent";

  private static final HexFormat HEX = HexFormat.of();
  private static final int LENGTH = 55;
  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final int SAMPLED = 1;

  /**
   * Reads a header. A version to come is read as far as it is known: what it has beyond begins with
   * a dash.
   *
   * @return null where the specification says that it is invalid
   */
  public static @Nullable TraceContext parse(String header) {
    if (header.length() < LENGTH
        || header.charAt(2) != '-'
        || header.charAt(SPAN_ID - 1) != '-'
        || header.charAt(FLAGS - 1) != '-'
        || !isHex(header, 0, 2)
        || !isHex(header, TRACE_ID, SPAN_ID - 1)
        || !isHex(header, SPAN_ID, FLAGS - 1)
        || !isHex(header, FLAGS, LENGTH)
        || header.startsWith("ff")) {
      return null;
    }
    if (header.length() > LENGTH && (header.startsWith("00") || header.charAt(LENGTH) != '-')) {
      return null;
    }
    long high = HexFormat.fromHexDigitsToLong(header, TRACE_ID, TRACE_ID + 16);
    long low = HexFormat.fromHexDigitsToLong(header, TRACE_ID + 16, SPAN_ID - 1);
    long span = HexFormat.fromHexDigitsToLong(header, SPAN_ID, FLAGS - 1);
    if ((high | low) == 0 || span == 0) {
      return null;
    }
    int flags = HexFormat.fromHexDigits(header, FLAGS, LENGTH);
    return new TraceContext(high, low, span, (flags & SAMPLED) != 0);
  }

  /** The header's value, of version 00: all flags but sampled are zero. */
  public String header() {
    return "00-"
        + HEX.toHexDigits(traceIdHigh)
        + HEX.toHexDigits(traceIdLow)
        + '-'
        + HEX.toHexDigits(spanId)
        + (sampled ? "-01" : "-00");
  }

  byte[] traceIdBytes() {
    return ByteBuffer.allocate(16).putLong(traceIdHigh).putLong(traceIdLow).array();
  }

  byte[] spanIdBytes() {
    return ByteBuffer.allocate(8).putLong(spanId).array();
  }

  /** Lower case only, as the specification has it. */
  private static boolean isHex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
