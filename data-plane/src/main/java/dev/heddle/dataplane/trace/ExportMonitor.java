package dev.heddle.dataplane.trace;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts spans by what became of them, and logs what goes wrong, at most twice a minute. Meters
 * come to be when there is something to count. Thread-safe.
 */
public final class ExportMonitor {
  private static final Logger LOGGER = LoggerFactory.getLogger(ExportMonitor.class);
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final AtomicLong nextLogNanos;

  public ExportMonitor(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.nextLogNanos = new AtomicLong(nanoTime.getAsLong());
  }

  void exported(int spans) {
    count("exported", spans);
  }

  /** There was no room in the queue. */
  void dropped(String cluster, int spans) {
    count("dropped", spans);
    log(cluster, spans, "the queue is full");
  }

  /** The collector took the export, but not these spans. */
  void rejected(String cluster, long spans, String reason) {
    count("rejected", spans);
    log(cluster, spans, "the collector rejects them: " + reason);
  }

  /** The export failed, and its spans are lost. */
  void failed(String cluster, int spans, String reason) {
    count("failed", spans);
    Counter.builder("heddle.trace.export.failures")
        .description("Exports that the collector did not take")
        .register(registry)
        .increment();
    log(cluster, spans, reason);
  }

  private void count(String result, long spans) {
    Counter.builder("heddle.trace.spans")
        .description("Spans, by what became of them")
        .tag("result", result)
        .register(registry)
        .increment((double) spans);
  }

  private void log(String cluster, long spans, String reason) {
    long now = nanoTime.getAsLong();
    long next = nextLogNanos.get();
    if (now - next >= 0 && nextLogNanos.compareAndSet(next, now + LOG_NANOS)) {
      LOGGER.warn(
          "{} spans lost on the way to cluster {}: {} (the next such message comes no sooner than"
              + " in 30 s; see heddle_trace_spans_total)",
          spans,
          cluster,
          reason);
    }
  }
}
