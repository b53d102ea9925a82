package dev.heddle.dataplane.overload;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the memory that hostile load can fill, so that the proxy sheds load before it would die:
 * short of memory, requests are answered 503; almost out of it, connections are refused too.
 *
 * <p>Heap counts as it was after the last collection of the old generation: garbage is no shortage.
 * While the heap is short a collection is asked for now and then, because nobody would allocate
 * enough to cause one and the shortage would never be seen to end.
 *
 * <p>{@link #sample} is called by one thread now and then; the rest on any thread.
 */
public final class MemoryGuard {
  private static final Logger LOGGER = LoggerFactory.getLogger(MemoryGuard.class);

  private static final double SHORT_ABOVE = 0.85;
  private static final double SHORT_UNTIL = 0.75;
  private static final double OUT_ABOVE = 0.95;
  private static final long COLLECT_EVERY_NANOS = 2_000_000_000L;

  private final Supplier<MemoryUse> heap;
  private final Supplier<MemoryUse> direct;
  private final Runnable collect;
  private final Runnable relieve;
  private final LongSupplier nanoTime;

  private volatile Level level = Level.ENOUGH;
  private long lastCollection;

  /** How much memory there is left. */
  public enum Level {
    ENOUGH,
    /** Requests are refused. */
    SHORT,
    /** Connections are refused as well. */
    OUT
  }

  /**
   * Makes a guard that has seen nothing yet.
   *
   * @param heap what the last collection of the old generation left
   * @param direct memory of buffers in use
   * @param collect collects garbage
   * @param relieve asks connections that do nothing to make room
   */
  public MemoryGuard(
      Supplier<MemoryUse> heap,
      Supplier<MemoryUse> direct,
      Runnable collect,
      Runnable relieve,
      LongSupplier nanoTime) {
    this.heap = heap;
    this.direct = direct;
    this.collect = collect;
    this.relieve = relieve;
    this.nanoTime = nanoTime;
    this.lastCollection = nanoTime.getAsLong();
  }

  public Level level() {
    return level;
  }

  /** Whether requests are to be refused. */
  public boolean isShort() {
    return level != Level.ENOUGH;
  }

  /** Whether connections are to be refused. */
  public boolean isOut() {
    return level == Level.OUT;
  }

  /** Looks again. */
  public void sample() {
    MemoryUse heapUse = heap.get();
    MemoryUse directUse = direct.get();
    Level before = level;
    double share = Math.max(heapUse.share(), directUse.share());
    Level now =
        share >= OUT_ABOVE
            ? Level.OUT
            : share >= (before == Level.ENOUGH ? SHORT_ABOVE : SHORT_UNTIL)
                ? Level.SHORT
                : Level.ENOUGH;
    level = now;
    if (now != before) {
      LOGGER
          .atWarn()
          .addKeyValue("memory", now)
          .addKeyValue("heapUsed", heapUse.used())
          .addKeyValue("heapLimit", heapUse.limit())
          .addKeyValue("buffersUsed", directUse.used())
          .addKeyValue("buffersLimit", directUse.limit())
          .log(now == Level.ENOUGH ? "load is taken again" : "load is shed, memory is short");
    }
    if (now != Level.ENOUGH) {
      relieve.run();
      if (heapUse.share() >= SHORT_UNTIL
          && nanoTime.getAsLong() - lastCollection >= COLLECT_EVERY_NANOS) {
        collect.run();
        lastCollection = nanoTime.getAsLong();
      }
    }
  }
}
