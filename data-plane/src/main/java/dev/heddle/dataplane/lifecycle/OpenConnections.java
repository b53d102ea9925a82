package dev.heddle.dataplane.lifecycle;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All downstream connections of the proxy, bounded in number. Where the bound is near, those that
 * do nothing are asked to make room, so that idle or stalled connections never keep others out.
 * Callable on any thread.
 */
public final class OpenConnections {
  private static final long RELIEF_INTERVAL_NANOS = 1_000_000_000L;

  private final int limit;
  private final int pressureAbove;
  private final AtomicInteger count = new AtomicInteger();
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final ChannelFutureListener forget = future -> forget(future.channel());
  private final AtomicLong lastRelief = new AtomicLong(System.nanoTime() - RELIEF_INTERVAL_NANOS);
  private volatile boolean draining;

  /**
   * @param limit at least 1
   */
  public OpenConnections(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("connection limit: " + limit + " (expected: >= 1)");
    }
    this.limit = limit;
    this.pressureAbove = limit - limit / 10;
  }

  /**
   * Counts a connection until it closes; false, and nothing is counted, when there are too many.
   */
  public boolean admit(Channel channel) {
    int now = count.incrementAndGet();
    if (now > pressureAbove) {
      relieve();
    }
    if (now > limit) {
      ended();
      return false;
    }
    channels.add(channel);
    channel.closeFuture().addListener(forget);
    return true;
  }

  public int count() {
    return count.get();
  }

  /** Whether {@link #drain} was called: a connection accepted now is told so by its listener. */
  public boolean draining() {
    return draining;
  }

  /**
   * Fires {@link DrainNotice} through every connection.
   *
   * @return done when no connection is left
   */
  public CompletableFuture<Void> drain() {
    draining = true;
    for (Channel channel : channels) {
      channel
          .eventLoop()
          .execute(() -> channel.pipeline().fireUserEventTriggered(DrainNotice.INSTANCE));
    }
    if (count.get() == 0) {
      drained.complete(null);
    }
    return drained;
  }

  /** Fires {@link PressureNotice} through every connection, at most once a second. */
  public void relieve() {
    long now = System.nanoTime();
    long last = lastRelief.get();
    if (now - last < RELIEF_INTERVAL_NANOS || !lastRelief.compareAndSet(last, now)) {
      return;
    }
    for (Channel channel : channels) {
      channel
          .eventLoop()
          .execute(() -> channel.pipeline().fireUserEventTriggered(PressureNotice.INSTANCE));
    }
  }

  /** Closes what is left; returns how many were. */
  public int closeAll() {
    int left = 0;
    for (Channel channel : channels) {
      left++;
      channel.close();
    }
    return left;
  }

  private void forget(Channel channel) {
    channels.remove(channel);
    ended();
  }

  private void ended() {
    if (count.decrementAndGet() == 0 && draining) {
      drained.complete(null);
    }
  }
}
