package dev.heddle.dataplane.overload;

/**
 * How much of one kind of memory is in use.
 *
 * @param used bytes that cannot be freed now
 * @param limit bytes there can be at most; 0 where there is no limit
 */
public record MemoryUse(long used, long limit) {

  double share() {
    return limit <= 0 ? 0 : (double) used / limit;
  }
}
