package dev.heddle.dataplane.xds;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Listeners that have waited too long for a resource they need, so that somebody is told: a control
 * plane that never sends it is at fault, and nothing else would show. Not thread-safe.
 */
final class OverdueListeners {

  /** What a listener waits for, and since when. */
  private record Wait(String missing, long sinceNanos, boolean told) {}

  private final long patienceNanos;
  private Map<String, Wait> waits = Map.of();

  /**
   * Nothing waits yet.
   *
   * @param patience how long waiting is in order
   */
  OverdueListeners(Duration patience) {
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Takes note of how it stands.
   *
   * @param waiting what each listener waits for
   * @param nowNanos monotonic
   * @return of these, what is overdue since this call
   */
  Map<String, String> update(Map<String, String> waiting, long nowNanos) {
    Map<String, Wait> next = HashMap.newHashMap(waiting.size());
    Map<String, String> fresh = new LinkedHashMap<>();
    waiting.forEach((listener, missing) -> {
      Wait wait = waits.get(listener);
      if (wait == null || !wait.missing().equals(missing)) {
        wait = new Wait(missing, nowNanos, false);
      } else if (!wait.told() && nowNanos - wait.sinceNanos() >= patienceNanos) {
        fresh.put(listener, missing);
        wait = new Wait(missing, wait.sinceNanos(), true);
      }
      next.put(listener, wait);
    });
    waits = next;
    return fresh;
  }

  /** What is overdue, by listener. */
  Map<String, String> overdue() {
    Map<String, String> overdue = new HashMap<>();
    waits.forEach((listener, wait) -> {
      if (wait.told()) {
        overdue.put(listener, wait.missing());
      }
    });
    return overdue;
  }
}
