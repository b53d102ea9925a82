package dev.heddle.dataplane.http.exchange;

import io.netty.channel.EventLoop;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One scheduled task for all deadlines of a connection. Deadlines that move later, as they do with
 * every request, cost nothing: the task finds them when it runs and waits on.
 */
public final class DeadlineTimer implements Runnable {
  /** No deadline. */
  public static final long NONE = Long.MAX_VALUE;

  private static final long ORIGIN = System.nanoTime();

  private final EventLoop eventLoop;
  private final Expiry expiry;
  private @Nullable Future<?> scheduled;
  private long scheduledFor = NONE;
  private boolean stopped;

  /** Acts on the deadlines that have passed. */
  @FunctionalInterface
  public interface Expiry {
    /**
     * Acts on what is due.
     *
     * @param now as {@link DeadlineTimer#now}
     * @return the next deadline, or {@link #NONE}
     */
    long expire(long now);
  }

  public DeadlineTimer(EventLoop eventLoop, Expiry expiry) {
    this.eventLoop = eventLoop;
    this.expiry = expiry;
  }

  /** Monotonic nanoseconds since the process began; never negative. */
  public static long now() {
    return System.nanoTime() - ORIGIN;
  }

  /** The deadline that is {@code nanos} from {@code now}; none when {@code nanos} is zero. */
  public static long after(long now, long nanos) {
    return nanos == 0 ? NONE : now + nanos;
  }

  /** Runs no later than then. */
  public void ensure(long deadline) {
    if (deadline < scheduledFor && !stopped) {
      Future<?> earlier = scheduled;
      if (earlier != null) {
        earlier.cancel(false);
      }
      schedule(deadline, now());
    }
  }

  public void stop() {
    stopped = true;
    Future<?> task = scheduled;
    if (task != null) {
      task.cancel(false);
      scheduled = null;
    }
  }

  @Override
  public void run() {
    scheduled = null;
    scheduledFor = NONE;
    if (!stopped) {
      long now = now();
      ensure(expiry.expire(now));
    }
  }

  private void schedule(long deadline, long now) {
    scheduledFor = deadline;
    scheduled = eventLoop.schedule(this, Math.max(1_000_000, deadline - now), TimeUnit.NANOSECONDS);
  }
}
