package dev.heddle.dataplane.scheduling;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has event loops run soon after something came in, also while threads that compute have the
 * processor: the JVM's compilers, or whoever else shares the node. By default each of those keeps
 * it for some milliseconds first, and so do all requests that come meanwhile.
 */
public final class PromptEventLoops {
  private static final Logger LOGGER = LoggerFactory.getLogger(PromptEventLoops.class);

  /** A turn of an event loop that serves few requests takes less. */
  private static final Duration SLICE = Duration.ofNanos(200_000);

  /** To link the call takes processor time, which the start can use better. */
  private static final Duration DELAY = Duration.ofSeconds(3);

  private PromptEventLoops() {}

  /** Asks for it a little later, on a thread that ends with that. */
  public static void start(EventExecutorGroup loops) {
    Thread.ofPlatform().daemon().name("time-slice").start(() -> run(loops));
  }

  private static void run(EventExecutorGroup loops) {
    try {
      Thread.sleep(DELAY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Optional<TimeSlice> slice = TimeSlice.link();
    if (slice.isEmpty()) {
      LOGGER.info("Event loops keep the system's time slice: it takes no other here");
      return;
    }
    for (EventExecutor loop : loops) {
      try {
        loop.execute(() -> request(slice.get()));
      } catch (RejectedExecutionException e) {
        LOGGER.debug("The proxy ends before its event loops have a time slice of their own", e);
      }
    }
  }

  private static void request(TimeSlice slice) {
    String loop = Thread.currentThread().getName();
    if (slice.request(SLICE)) {
      LOGGER.debug("{} has a time slice of {}", loop, slice.current().orElse(Duration.ZERO));
    } else {
      LOGGER.info("{} keeps the system's time slice: sched_setattr is refused", loop);
    }
  }
}
