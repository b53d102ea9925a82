package dev.heddle.dataplane.overload;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The memory of this process. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /** Heap that the last collection of the old generation left; nothing until there was one. */
  public static Supplier<MemoryUse> heapAfterCollection() {
    MemoryPoolMXBean old = oldGeneration();
    if (old == null) {
      return () -> new MemoryUse(0, 0);
    }
    return () -> {
      MemoryUsage left = old.getCollectionUsage();
      return left == null
          ? new MemoryUse(0, 0)
          : new MemoryUse(left.getUsed(), Math.max(0, left.getMax()));
    };
  }

  private static @Nullable MemoryPoolMXBean oldGeneration() {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP
          && pool.isUsageThresholdSupported()
          && pool.isCollectionUsageThresholdSupported()) {
        return pool;
      }
    }
    return null;
  }

  /** Buffers that the allocator has given out. */
  public static Supplier<MemoryUse> buffers(ByteBufAllocator allocator) {
    long limit = PlatformDependent.maxDirectMemory();
    return allocator instanceof PooledByteBufAllocator pooled
        ? () -> new MemoryUse(pooled.pinnedDirectMemory(), limit)
        : () -> new MemoryUse(0, 0);
  }
}
