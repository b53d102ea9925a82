package dev.heddle.smiadapter.translate;

import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which ports of a workload are meant. */
sealed interface PortLimit {

  /** Every port. */
  record None() implements PortLimit {}

  /** These ports; there may be none of them. */
  record To(SortedSet<Integer> ports) implements PortLimit {
    /** Copies the set. */
    public To {
      ports = Collections.unmodifiableSortedSet(new TreeSet<>(ports));
    }
  }

  /** The one port of those meant, if it is among them. */
  default PortLimit and(int port) {
    boolean among =
        switch (this) {
          case None() -> true;
          case To(SortedSet<Integer> ports) -> ports.contains(port);
        };
    return new To(new TreeSet<>(among ? List.of(port) : List.of()));
  }

  /** Whether no port is meant at all. */
  default boolean isEmpty() {
    return switch (this) {
      case None() -> false;
      case To(SortedSet<Integer> ports) -> ports.isEmpty();
    };
  }
}
