package dev.heddle.meshapi.telemetry;

/**
 * The buckets that latencies are counted in, as {@code SparseHistogram} of the telemetry contract
 * describes them: rows of {@value #ROW} buckets, one row for each power of two of microseconds.
 */
public final class LatencyBuckets {

  /** Buckets in a row. */
  public static final int ROW = 32;

  /** How many rows there are. */
  public static final int ROWS = 32;

  /** How many buckets there are. */
  public static final int COUNT = ROW * ROWS;

  private static final int ROW_BITS = 5;

  /** The largest value that has a bucket of its own precision: 19 hours. */
  private static final long MAX_MICROS = (1L << (ROW_BITS + ROWS - 1)) - 1;

  private LatencyBuckets() {}

  /** The bucket of a latency; a negative one counts as none at all, one of days as 19 hours. */
  public static int index(long micros) {
    if (micros < ROW) {
      return (int) Math.max(micros, 0);
    }
    long value = Math.min(micros, MAX_MICROS);
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(value) - ROW_BITS;
    // The leading bit is what the row stands for.
    return (shift + 1) * ROW + (int) (value >>> shift) - ROW;
  }

  /** The middle of a bucket: within 1.6 % of all that is counted in it. */
  public static double middleMicros(int index) {
    int row = index / ROW;
    if (row == 0) {
      return index;
    }
    long width = 1L << (row - 1);
    long lowest = (ROW + index % ROW) * width;
    return lowest + (width - 1) / 2.0;
  }
}
