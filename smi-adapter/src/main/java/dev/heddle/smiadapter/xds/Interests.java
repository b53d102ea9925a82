package dev.heddle.smiadapter.xds;

import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.resources.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is to be told of which resource, so that a change costs as much as there are clients that it
 * concerns, however many others are connected.
 *
 * @param <W> who is told
 */
final class Interests<W> {

  /** The sets are only ever touched within an operation on their own key. */
  private final Map<ResourceKey, Set<W>> named = new ConcurrentHashMap<>();

  private final Map<ResourceType, Set<W>> everything = new ConcurrentHashMap<>();

  /** Has someone told of a resource, whether it exists or not. */
  void add(ResourceKey key, W watcher) {
    add(named, key, watcher);
  }

  void remove(ResourceKey key, W watcher) {
    remove(named, key, watcher);
  }

  /** Has someone told of every resource of a type. */
  void addAll(ResourceType type, W watcher) {
    add(everything, type, watcher);
  }

  void removeAll(ResourceType type, W watcher) {
    remove(everything, type, watcher);
  }

  /** Whom some resources concern, each with those that do. */
  Map<W, List<ResourceKey>> concerned(Collection<ResourceKey> keys) {
    Map<W, List<ResourceKey>> concerned = new LinkedHashMap<>();
    for (ResourceKey key : keys) {
      Set<W> watchers = new HashSet<>();
      addTo(watchers, named, key);
      addTo(watchers, everything, key.type());
      for (W watcher : watchers) {
        concerned.computeIfAbsent(watcher, same -> new ArrayList<>(1)).add(key);
      }
    }
    return concerned;
  }

  /** How many resources someone is to be told of by name. */
  int size() {
    return named.size();
  }

  private static <K, W> void add(Map<K, Set<W>> interests, K key, W watcher) {
    interests.compute(
        key,
        (same, known) -> {
          Set<W> watchers = known == null ? HashSet.newHashSet(1) : known;
          watchers.add(watcher);
          return watchers;
        });
  }

  private static <K, W> void remove(Map<K, Set<W>> interests, K key, W watcher) {
    interests.computeIfPresent(
        key,
        (same, watchers) -> {
          watchers.remove(watcher);
          return watchers.isEmpty() ? null : watchers;
        });
  }

  private static <K, W> void addTo(Set<W> all, Map<K, Set<W>> interests, K key) {
    interests.computeIfPresent(
        key,
        (same, watchers) -> {
          all.addAll(watchers);
          return watchers;
        });
  }
}
