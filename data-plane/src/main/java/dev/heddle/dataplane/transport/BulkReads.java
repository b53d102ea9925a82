package dev.heddle.dataplane.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Buffers that grow with what comes; once they are as large as they get and yet filled, a demand to
 * read brings several of them.
 *
 * <p>Left alone, Netty fills a single buffer for each demand where auto-read is off, and has epoll
 * forget and remember the socket before the next: a megabyte was sixteen writes to whom it is for,
 * and sixteen times woken it up. What fits into less comes as before, a buffer at a time: memory
 * then fills no faster than the proxy looks at it.
 */
final class BulkReads implements RecvByteBufAllocator {
  /**
   * What one demand brings at most, and so what a connection holds for a peer that does not take
   * it. With half of it a megabyte takes a fifth more processor time.
   */
  static final int MAX_BYTES = 256 << 10;

  static final int LARGEST_BUFFER = 64 << 10;
  private static final int SMALLEST_BUFFER = 64;
  private static final int FIRST_BUFFER = 2048;

  private final RecvByteBufAllocator sizes =
      new AdaptiveRecvByteBufAllocator(SMALLEST_BUFFER, FIRST_BUFFER, LARGEST_BUFFER);

  @Override
  public ExtendedHandle newHandle() {
    return new Demand((ExtendedHandle) sizes.newHandle());
  }

  /** The reads of one demand after the other. */
  private static final class Demand extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle sizes;
    private final UncheckedBooleanSupplier filled = () -> attemptedBytesRead() == lastBytesRead();
    private int total;

    Demand(ExtendedHandle sizes) {
      super(sizes);
      this.sizes = sizes;
    }

    @Override
    public void reset(ChannelConfig config) {
      total = 0;
      sizes.reset(config);
    }

    @Override
    public void lastBytesRead(int bytes) {
      if (bytes > 0) {
        total += bytes;
      }
      sizes.lastBytesRead(bytes);
    }

    @Override
    public boolean continueReading() {
      return continueReading(filled);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return lastBytesRead() >= LARGEST_BUFFER && total < MAX_BYTES && maybeMore.get();
    }
  }
}
