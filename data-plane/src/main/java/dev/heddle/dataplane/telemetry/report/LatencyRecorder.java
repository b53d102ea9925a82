package dev.heddle.dataplane.telemetry.report;

import dev.heddle.meshapi.telemetry.LatencyBuckets;
import dev.heddle.meshapi.telemetry.v1.SparseHistogram;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts latencies until they are taken away. Any thread may record; a row of buckets takes memory
 * (some 150 bytes) from the first latency that falls into it, so an edge with a usual spread of
 * latencies takes about a kilobyte.
 */
final class LatencyRecorder {

  private final AtomicReferenceArray<@Nullable AtomicIntegerArray> rows =
      new AtomicReferenceArray<>(LatencyBuckets.ROWS);

  void record(long micros) {
    int bucket = LatencyBuckets.index(micros);
    int row = bucket / LatencyBuckets.ROW;
    AtomicIntegerArray counts = rows.get(row);
    if (counts == null) {
      rows.compareAndSet(row, null, new AtomicIntegerArray(LatencyBuckets.ROW));
      counts = rows.get(row);
    }
    counts.getAndIncrement(bucket % LatencyBuckets.ROW);
  }

  /** Moves everything counted into a message; what is recorded meanwhile is in this or the next. */
  SparseHistogram take() {
    SparseHistogram.Builder message = SparseHistogram.newBuilder();
    int previous = 0;
    for (int row = 0; row < LatencyBuckets.ROWS; row++) {
      AtomicIntegerArray counts = rows.get(row);
      for (int i = 0; counts != null && i < LatencyBuckets.ROW; i++) {
        if (counts.get(i) != 0) {
          int bucket = row * LatencyBuckets.ROW + i;
          message
              .addBuckets(bucket - previous)
              .addCounts(Integer.toUnsignedLong(counts.getAndSet(i, 0)));
          previous = bucket;
        }
      }
    }
    return message.build();
  }
}
