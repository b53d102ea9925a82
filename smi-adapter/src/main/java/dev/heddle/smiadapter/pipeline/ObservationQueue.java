package dev.heddle.smiadapter.pipeline;

import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Observation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds what was seen until it is taken. Of each object only the last observation is kept, so the
 * queue is never longer than there are objects.
 */
public final class ObservationQueue {

  /**
   * What has been seen.
   *
   * @param observations the observations, the last of each object
   * @param since when the first of them came, by {@link System#nanoTime}
   */
  record Batch(List<Observation> observations, long since) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Map<Change.Key, Observation> waiting = new LinkedHashMap<>();
  private long since;

  /** Adds an observation, in place of an earlier one of the same object. */
  public void put(Observation observation) {
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        since = System.nanoTime();
      }
      waiting.put(observation.change().key(), observation);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How many objects wait. */
  public int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for something to be there, and takes all of it; empty when the time is up. */
  Batch take(long timeout, TimeUnit unit) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long remaining = unit.toNanos(timeout);
      while (waiting.isEmpty() && remaining > 0) {
        remaining = arrived.awaitNanos(remaining);
      }
      Batch batch = new Batch(List.copyOf(waiting.values()), since);
      waiting.clear();
      return batch;
    } finally {
      lock.unlock();
    }
  }
}
