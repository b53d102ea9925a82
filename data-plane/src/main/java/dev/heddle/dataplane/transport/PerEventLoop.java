package dev.heddle.dataplane.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One value per event loop, made when the proxy starts. A value is touched on its own loop only, so
 * that it needs no lock.
 */
public final class PerEventLoop<T> {
  private final Map<EventExecutor, T> values = new HashMap<>();

  /** Makes a value for every loop of the group. */
  public PerEventLoop(EventLoopGroup group, Function<EventLoop, T> make) {
    for (EventExecutor executor : group) {
      values.put(executor, make.apply((EventLoop) executor));
    }
  }

  /**
   * The value of a loop.
   *
   * @throws IllegalArgumentException if the loop is not of the group
   */
  public T of(EventLoop eventLoop) {
    T value = values.get(eventLoop);
    if (value == null) {
      throw new IllegalArgumentException(
          "event loop: " + eventLoop + " (expected: one of the proxy's own group)");
    }
    return value;
  }

  /** Begins something with each value, on its loop; done when that is done. */
  public Stream<CompletableFuture<Void>> each(
      Function<? super T, ? extends CompletableFuture<Void>> action) {
    return values.entrySet().stream()
        .map(entry ->
            CompletableFuture.supplyAsync(() -> action.apply(entry.getValue()), entry.getKey())
                .thenCompose(begun -> begun));
  }
}
