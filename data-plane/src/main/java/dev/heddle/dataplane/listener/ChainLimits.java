package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections the filter chains have that are limited
 * (envoy.extensions.filters.network.connection_limit.v3). Callable on any thread.
 */
final class ChainLimits {
  private final Map<Key, AtomicInteger> open = new ConcurrentHashMap<>();

  private record Key(String listener, String chain) {}

  /**
   * Counts a connection until it closes; false, and nothing is counted, when there are too many.
   */
  boolean admit(Listener listener, FilterChain chain, Channel channel) {
    AtomicInteger count =
        open.computeIfAbsent(new Key(listener.name(), chain.name()), key -> new AtomicInteger());
    if (count.incrementAndGet() > chain.maxConnections()) {
      count.decrementAndGet();
      return false;
    }
    channel.closeFuture().addListener(closed -> count.decrementAndGet());
    return true;
  }
}
