package dev.heddle.smiadapter.telemetry;

import java.util.ArrayDeque;
import java.util.Deque;

/** The counts of one edge by the time they are of, oldest first. */
final class EdgeHistory {

  private record Entry(long time, Counts counts) {

    Entry plus(Counts more) {
      return new Entry(time, counts.plus(more));
    }
  }

  private final Deque<Entry> entries = new ArrayDeque<>();

  /**
   * Adds counts. Late ones find their place, too.
   *
   * @param step times of the same step of this many nanoseconds are not told apart, and the first
   *     one stands for all
   */
  synchronized void add(long time, long step, Counts counts) {
    Deque<Entry> later = new ArrayDeque<>();
    while (!entries.isEmpty() && entries.getLast().time() - time > 0) {
      later.addFirst(entries.removeLast());
    }
    Entry before = entries.peekLast();
    Entry after = later.peekFirst();
    if (before != null && sameStep(before.time(), time, step)) {
      entries.removeLast();
      entries.addLast(before.plus(counts));
    } else if (after != null && sameStep(after.time(), time, step)) {
      later.removeFirst();
      later.addFirst(after.plus(counts));
    } else {
      entries.addLast(new Entry(time, counts));
    }
    entries.addAll(later);
  }

  private static boolean sameStep(long one, long other, long step) {
    return Math.floorDiv(one, step) == Math.floorDiv(other, step);
  }

  /** Forgets what is of this time or older. */
  synchronized void forget(long time) {
    while (!entries.isEmpty() && entries.getFirst().time() - time <= 0) {
      entries.removeFirst();
    }
  }

  /** The sum of what is younger than this time. */
  synchronized Counts since(long time) {
    Counts sum = Counts.NONE;
    for (Entry entry : entries) {
      if (entry.time() - time > 0) {
        sum = sum.plus(entry.counts());
      }
    }
    return sum;
  }

  synchronized boolean isEmpty() {
    return entries.isEmpty();
  }

  /** How many times are told apart. */
  synchronized int size() {
    return entries.size();
  }
}
