package dev.heddle.smiadapter.state;

import java.util.Collection;
import java.util.Set;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePSet;

/**
 * A persistent map from a key to the names that refer to it.
 *
 * @param <K> what is referred to
 */
record Index<K>(PMap<K, TreePSet<ObjectName>> entries) {

  static <K> Index<K> empty() {
    return new Index<>(HashTreePMap.empty());
  }

  Set<ObjectName> get(K key) {
    TreePSet<ObjectName> names = entries.get(key);
    return names == null ? Set.of() : names;
  }

  /** This index after {@code name} referred to {@code before} and now refers to {@code after}. */
  Index<K> replace(ObjectName name, Collection<K> before, Collection<K> after) {
    PMap<K, TreePSet<ObjectName>> changed = entries;
    for (K key : before) {
      TreePSet<ObjectName> names = changed.get(key);
      if (names != null) {
        TreePSet<ObjectName> rest = names.minus(name);
        changed = rest.isEmpty() ? changed.minus(key) : changed.plus(key, rest);
      }
    }
    for (K key : after) {
      TreePSet<ObjectName> names = changed.get(key);
      changed = changed.plus(key, names == null ? TreePSet.singleton(name) : names.plus(name));
    }
    return new Index<>(changed);
  }
}
