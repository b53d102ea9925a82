package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The objects of a kind by name, and by what they refer to. Immutable: a table with another object
 * shares all the others with the one before.
 *
 * @param <N> the names
 * @param <V> the objects
 */
final class Table<N extends Comparable<N>, V> {

  private final PMap<N, V> rows;
  private final PVector<Index<N, V, ?>> indexes;

  private Table(PMap<N, V> rows, PVector<Index<N, V, ?>> indexes) {
    this.rows = rows;
    this.indexes = indexes;
  }

  /** An empty table that finds objects by these references. */
  static <N extends Comparable<N>, V> Table<N, V> of(List<Reference<V, ?>> references) {
    PVector<Index<N, V, ?>> indexes = TreePVector.empty();
    for (Reference<V, ?> reference : references) {
      indexes = indexes.plus(Index.of(reference));
    }
    return new Table<>(HashTreePMap.empty(), indexes);
  }

  Optional<V> get(N name) {
    return Optional.ofNullable(rows.get(name));
  }

  /** All objects, in no particular order. */
  Stream<V> all() {
    return rows.values().stream();
  }

  /** How many things are referred to. */
  int referredTo() {
    return indexes.stream().mapToInt(index -> index.names().size()).sum();
  }

  /**
   * The objects that refer to it, ordered by name.
   *
   * @throws IllegalArgumentException if the table was made without this reference
   */
  <K> Stream<V> referring(Reference<V, K> reference, K key) {
    return index(reference).referring(key).stream()
        .map(name -> Objects.requireNonNull(rows.get(name), "in an index but not in its table"));
  }

  /**
   * This table with an object in place of the one of its name, or without it; this very table when
   * that is nothing new.
   *
   * @param object null for none
   */
  Table<N, V> with(N name, @Nullable V object) {
    V before = rows.get(name);
    if (Objects.equals(before, object)) {
      return this;
    }
    PVector<Index<N, V, ?>> changed = indexes;
    for (int i = 0; i < indexes.size(); i++) {
      changed = changed.with(i, indexes.get(i).with(name, before, object));
    }
    return new Table<>(object == null ? rows.minus(name) : rows.plus(name, object), changed);
  }

  // Of its reference there is no other index, and that one has its keys.
  @SuppressWarnings("unchecked")
  private <K> Index<N, V, K> index(Reference<V, K> reference) {
    return (Index<N, V, K>)
        indexes.stream()
            .filter(index -> index.reference() == reference)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no index of this reference"));
  }
}
