package dev.heddle.dataplane.overload;

import java.util.concurrent.atomic.AtomicLong;

/** Memory as tests want it. */
public final class Memory {
  private static final long LIMIT = 1000;

  private final AtomicLong heap = new AtomicLong();
  private final AtomicLong direct = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong collections = new AtomicLong();
  private final AtomicLong reliefs = new AtomicLong();
  private final MemoryGuard guard =
      new MemoryGuard(
          () -> new MemoryUse(heap.get(), LIMIT),
          () -> new MemoryUse(direct.get(), LIMIT),
          collections::incrementAndGet,
          reliefs::incrementAndGet,
          nanos::get);

  /** A guard that always sees enough. */
  public static MemoryGuard plenty() {
    return new Memory().guard();
  }

  public MemoryGuard guard() {
    return guard;
  }

  /** Tells the guard what is in use, of a thousand bytes of each kind. */
  public Memory used(long heapBytes, long directBytes) {
    heap.set(heapBytes);
    direct.set(directBytes);
    guard.sample();
    return this;
  }

  Memory pass(long seconds) {
    nanos.addAndGet(seconds * 1_000_000_000L);
    return this;
  }

  long collections() {
    return collections.get();
  }

  long reliefs() {
    return reliefs.get();
  }
}
