package dev.heddle.dataplane.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/** How many of something are under way. */
sealed interface Count {

  /** Counts one more, unless there are {@code limit} already. */
  boolean tryAdd(int limit);

  void add();

  void remove();

  int now();

  /** Used on one event loop only. */
  final class OfLoop implements Count {
    private int count;

    @Override
    public boolean tryAdd(int limit) {
      if (count >= limit) {
        return false;
      }
      count++;
      return true;
    }

    @Override
    public void add() {
      count++;
    }

    @Override
    public void remove() {
      count--;
    }

    @Override
    public int now() {
      return count;
    }
  }

  /** Shared by all event loops. */
  final class OfProcess implements Count {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public boolean tryAdd(int limit) {
      if (count.incrementAndGet() > limit) {
        count.decrementAndGet();
        return false;
      }
      return true;
    }

    @Override
    public void add() {
      count.incrementAndGet();
    }

    @Override
    public void remove() {
      count.decrementAndGet();
    }

    @Override
    public int now() {
      return count.get();
    }
  }
}
