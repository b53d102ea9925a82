package dev.heddle.smiadapter.kubernetes;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the API server writes as {@code null} where there is nothing: Go's empty lists, such
 * as the endpoints of a slice without any.
 */
final class Absent {

  private Absent() {}

  /** The list, or an empty one. */
  static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  /** The map, or an empty one. */
  static <K, V> Map<K, V> orEmpty(@Nullable Map<K, V> map) {
    return map == null ? Map.of() : map;
  }
}
