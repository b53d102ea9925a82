package dev.heddle.dataplane.health;

import java.util.ArrayDeque;

/**
 * Bounds the checks under way on one event loop, so that a cluster of thousands does not make them
 * all at once. Used on that loop only.
 */
final class ProbeSlots {
  private final int limit;
  private final ArrayDeque<EndpointChecker> waiting = new ArrayDeque<>();
  private int taken;

  /**
   * @param limit at least 1
   */
  ProbeSlots(int limit) {
    this.limit = limit;
  }

  /** Calls {@link EndpointChecker#probe} when there is a slot. */
  void take(EndpointChecker checker) {
    if (taken < limit) {
      taken++;
      checker.probe();
    } else {
      waiting.add(checker);
    }
  }

  /** Gives a slot back. */
  void release() {
    taken--;
    EndpointChecker next;
    while (taken < limit && (next = waiting.poll()) != null) {
      if (!next.stopped()) {
        taken++;
        next.probe();
      }
    }
  }
}
