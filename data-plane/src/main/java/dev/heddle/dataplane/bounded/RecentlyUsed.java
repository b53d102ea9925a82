package dev.heddle.dataplane.bounded;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of bounded size; what was used longest ago goes first. Not thread-safe. */
public final class RecentlyUsed<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1;

  private final int maxSize;

  public RecentlyUsed(int maxSize) {
    super(16, 0.75f, true);
    this.maxSize = maxSize;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > maxSize;
  }
}
