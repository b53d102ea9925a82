package dev.heddle.dataplane.http.filter;

import java.util.ArrayList;
import java.util.List;

/** A fetch that requests wait for. Used on its event loop only. */
public final class KeyFetch {
  private static final int MAX_WAITING = 1000;

  private List<Runnable> waiting = new ArrayList<>();
  private boolean over;

  KeyFetch() {}

  /**
   * Runs the task when the fetch is over, well or not.
   *
   * @return false if too many are waiting already, or it is over
   */
  public boolean whenOver(Runnable task) {
    if (over || waiting.size() >= MAX_WAITING) {
      return false;
    }
    waiting.add(task);
    return true;
  }

  void end() {
    over = true;
    List<Runnable> tasks = waiting;
    waiting = List.of();
    tasks.forEach(Runnable::run);
  }
}
