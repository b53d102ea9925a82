package dev.heddle.meshapi.telemetry;

import dev.heddle.meshapi.telemetry.v1.SparseHistogram;
import java.util.Arrays;

/**
 * Latencies counted in {@link LatencyBuckets}, of which only those that are not empty are held.
 * Immutable; merging two gives what counting all at once would have given.
 */
public final class LatencyHistogram {

  public static final LatencyHistogram EMPTY = new LatencyHistogram(new short[0], new long[0]);

  /** In one bucket of a message: no sum of all buckets overflows. */
  private static final long MAX_COUNT = 1L << 50;

  /** Ascending. */
  private final short[] buckets;

  private final long[] counts;
  private final long total;

  private LatencyHistogram(short[] buckets, long[] counts) {
    this.buckets = buckets;
    this.counts = counts;
    this.total = Arrays.stream(counts).sum();
  }

  /** Counts the given latencies. */
  public static LatencyHistogram of(long... micros) {
    long[] dense = new long[LatencyBuckets.COUNT];
    for (long value : micros) {
      dense[LatencyBuckets.index(value)]++;
    }
    return ofDense(dense);
  }

  /**
   * Takes what came over the wire.
   *
   * @throws IllegalArgumentException naming the field, its value and what was expected
   */
  public static LatencyHistogram of(SparseHistogram message) {
    int size = message.getBucketsCount();
    if (size != message.getCountsCount()) {
      throw new IllegalArgumentException(
          "latency.counts: " + message.getCountsCount() + " values (expected: " + size + ")");
    }
    short[] buckets = new short[size];
    long[] counts = new long[size];
    long bucket = 0;
    for (int i = 0; i < size; i++) {
      int gap = message.getBuckets(i);
      bucket += Integer.toUnsignedLong(gap);
      if (bucket >= LatencyBuckets.COUNT || (i > 0 && gap == 0)) {
        throw new IllegalArgumentException(
            "latency.buckets[%d]: %s (expected: ascending and below %d)"
                .formatted(i, Integer.toUnsignedString(gap), LatencyBuckets.COUNT));
      }
      long count = message.getCounts(i);
      if (count <= 0 || count > MAX_COUNT) {
        throw new IllegalArgumentException(
            "latency.counts[%d]: %s (expected: 1 to %d)"
                .formatted(i, Long.toUnsignedString(count), MAX_COUNT));
      }
      buckets[i] = (short) bucket;
      counts[i] = count;
    }
    return new LatencyHistogram(buckets, counts);
  }

  /** What is counted here and there. */
  public LatencyHistogram plus(LatencyHistogram other) {
    if (other.total == 0) {
      return this;
    }
    if (total == 0) {
      return other;
    }
    short[] mergedBuckets = new short[buckets.length + other.buckets.length];
    long[] mergedCounts = new long[mergedBuckets.length];
    int size = 0;
    int mine = 0;
    int theirs = 0;
    while (mine < buckets.length || theirs < other.buckets.length) {
      int myBucket = mine < buckets.length ? buckets[mine] : LatencyBuckets.COUNT;
      int theirBucket =
          theirs < other.buckets.length ? other.buckets[theirs] : LatencyBuckets.COUNT;
      int bucket = Math.min(myBucket, theirBucket);
      long count = 0;
      if (myBucket == bucket) {
        count += counts[mine++];
      }
      if (theirBucket == bucket) {
        count += other.counts[theirs++];
      }
      mergedBuckets[size] = (short) bucket;
      mergedCounts[size++] = count;
    }
    return new LatencyHistogram(
        Arrays.copyOf(mergedBuckets, size), Arrays.copyOf(mergedCounts, size));
  }

  /** How many latencies are counted. */
  public long total() {
    return total;
  }

  /**
   * The latency that so many percent do not exceed, within 1.6 %; 0 if nothing is counted.
   *
   * @param percent above 0, at most 100
   */
  public double percentileMicros(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent: " + percent + " (expected: > 0, <= 100)");
    }
    long rank = Math.max(1, (long) Math.ceil(percent / 100 * total));
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return LatencyBuckets.middleMicros(buckets[i]);
      }
    }
    return 0;
  }

  /** As it goes over the wire. */
  public SparseHistogram toMessage() {
    SparseHistogram.Builder message = SparseHistogram.newBuilder();
    int previous = 0;
    for (int i = 0; i < buckets.length; i++) {
      message.addBuckets(buckets[i] - previous).addCounts(counts[i]);
      previous = buckets[i];
    }
    return message.build();
  }

  private static LatencyHistogram ofDense(long[] dense) {
    int size = (int) Arrays.stream(dense).filter(count -> count != 0).count();
    short[] buckets = new short[size];
    long[] counts = new long[size];
    int at = 0;
    for (int bucket = 0; bucket < dense.length; bucket++) {
      if (dense[bucket] != 0) {
        buckets[at] = (short) bucket;
        counts[at++] = dense[bucket];
      }
    }
    return new LatencyHistogram(buckets, counts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LatencyHistogram that
        && Arrays.equals(buckets, that.buckets)
        && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(buckets) + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return total + " latencies, median " + percentileMicros(50) + " us";
  }
}
