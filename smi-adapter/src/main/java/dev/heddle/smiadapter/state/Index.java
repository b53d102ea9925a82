package dev.heddle.smiadapter.state;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.TreePSet;

/**
 * The names of the objects that refer to something.
 *
 * @param <N> the names
 * @param <V> the objects
 * @param <K> what they refer to
 */
record Index<N extends Comparable<N>, V, K>(Reference<V, K> reference, PMap<K, TreePSet<N>> names) {

  static <N extends Comparable<N>, V, K> Index<N, V, K> of(Reference<V, K> reference) {
    return new Index<>(reference, HashTreePMap.empty());
  }

  /** Who refers to it, in order. */
  Set<N> referring(K key) {
    TreePSet<N> referring = names.get(key);
    return referring == null ? Set.of() : referring;
  }

  /** This index after the object of this name became another; null for none. */
  Index<N, V, K> with(N name, @Nullable V before, @Nullable V after) {
    Set<K> old = referredTo(before);
    Set<K> now = referredTo(after);
    if (old.equals(now)) {
      return this;
    }
    PMap<K, TreePSet<N>> changed = names;
    for (K key : old) {
      if (!now.contains(key)) {
        TreePSet<N> rest = Objects.requireNonNull(changed.get(key)).minus(name);
        changed = rest.isEmpty() ? changed.minus(key) : changed.plus(key, rest);
      }
    }
    for (K key : now) {
      if (!old.contains(key)) {
        TreePSet<N> others = changed.get(key);
        changed = changed.plus(key, others == null ? TreePSet.singleton(name) : others.plus(name));
      }
    }
    return new Index<>(reference, changed);
  }

  private Set<K> referredTo(@Nullable V object) {
    return object == null ? Set.of() : reference.of(object).collect(Collectors.toSet());
  }
}
