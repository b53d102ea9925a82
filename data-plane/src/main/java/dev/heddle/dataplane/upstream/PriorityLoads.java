package dev.heddle.dataplane.upstream;

import java.util.Arrays;

/**
 * How traffic is shared between priorities, and which of them are in panic (Envoy: Priority levels,
 * Panic threshold). A pure function of how many endpoints are healthy.
 */
final class PriorityLoads {
  private final int[] percent;
  private final boolean[] panic;

  private PriorityLoads(int[] percent, boolean[] panic) {
    this.percent = percent;
    this.panic = panic;
  }

  /** The share of the traffic of a priority; 100 in all. */
  int percent(int priority) {
    return percent[priority];
  }

  /** Whether so few endpoints of a priority are healthy that all are used. */
  boolean panic(int priority) {
    return panic[priority];
  }

  /** The size of a priority. */
  record Level(int healthy, int total) {}

  /**
   * Calculates the loads.
   *
   * @param overprovisioningPercent at least 100
   * @param panicPercent 0 for never
   */
  static PriorityLoads of(Level[] levels, int overprovisioningPercent, double panicPercent) {
    int[] percent = new int[levels.length];
    boolean[] panic = new boolean[levels.length];
    if (levels.length == 0) {
      return new PriorityLoads(percent, panic);
    }
    int[] available = new int[levels.length];
    int sum = 0;
    for (int i = 0; i < levels.length; i++) {
      Level level = levels[i];
      available[i] =
          level.total() == 0
              ? 0
              : (int)
                  Math.min(100, (long) overprovisioningPercent * level.healthy() / level.total());
      sum += available[i];
    }
    int normalized = Math.min(100, sum);
    if (normalized == 0) {
      Arrays.fill(panic, panicPercent > 0);
      shareByPresence(levels, percent);
      return new PriorityLoads(percent, panic);
    }
    shareByAvailability(available, normalized, percent);
    if (normalized < 100) {
      for (int i = 0; i < levels.length; i++) {
        Level level = levels[i];
        panic[i] =
            panicPercent > 0
                && level.total() > 0
                && 100.0 * level.healthy() / level.total() < panicPercent;
      }
    }
    return new PriorityLoads(percent, panic);
  }

  /** The first priority takes what it can, the next what is left. */
  private static void shareByAvailability(int[] available, int normalized, int[] percent) {
    int left = 100;
    int first = -1;
    for (int i = 0; i < available.length; i++) {
      if (first < 0 && available[i] > 0) {
        first = i;
      }
      percent[i] = Math.min(left, available[i] * 100 / normalized);
      left -= percent[i];
    }
    percent[first] += left;
  }

  /** Nobody is healthy anywhere: each priority by its size. */
  private static void shareByPresence(Level[] levels, int[] percent) {
    long all = 0;
    for (Level level : levels) {
      all += level.total();
    }
    if (all == 0) {
      percent[0] = 100;
      return;
    }
    int left = 100;
    int first = -1;
    for (int i = 0; i < levels.length; i++) {
      if (first < 0 && levels[i].total() > 0) {
        first = i;
      }
      percent[i] = Math.min(left, (int) (100L * levels[i].total() / all));
      left -= percent[i];
    }
    percent[first] += left;
  }
}
