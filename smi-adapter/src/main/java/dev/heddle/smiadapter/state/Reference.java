package dev.heddle.smiadapter.state;

import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What objects of a kind refer to, by which a {@link Table} finds them. Each is itself only.
 *
 * @param <V> the objects
 * @param <K> what they refer to
 */
final class Reference<V, K> {

  private final Function<V, Stream<K>> of;

  private Reference(Function<V, Stream<K>> of) {
    this.of = of;
  }

  /** Every object refers to one. */
  static <V, K> Reference<V, K> toOne(Function<V, K> of) {
    return new Reference<>(of.andThen(Stream::of));
  }

  /** Objects may refer to none, or to several, and to one of them more than once. */
  static <V, K> Reference<V, K> toAny(Function<V, Stream<K>> of) {
    return new Reference<>(of);
  }

  Stream<K> of(V object) {
    return of.apply(object);
  }
}
