package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.ObjectName;
import java.util.Comparator;

/** What is translated as a whole: the smallest part that a change makes be translated again. */
public sealed interface Unit extends Comparable<Unit> {

  /** What belongs to no service and no workload. */
  record Mesh() implements Unit {}

  /** A service, and the splits it is the apex of. */
  record OfService(ObjectName name) implements Unit {}

  /** What a workload's own proxy takes in. */
  record OfWorkload(ObjectName name) implements Unit {}

  /** A grant: what it lets through is of the workloads that it is about. */
  record OfGrant(ObjectName name) implements Unit {}

  /** Where two units claim one resource name, the lesser has it. */
  @Override
  default int compareTo(Unit other) {
    return ORDER.compare(this, other);
  }

  /** By kind, then by name. */
  Comparator<Unit> ORDER = Comparator.comparingInt(Unit::rank).thenComparing(Unit::sortName);

  private static int rank(Unit unit) {
    return switch (unit) {
      case Mesh() -> 0;
      case OfService(ObjectName name) -> 1;
      case OfWorkload(ObjectName name) -> 2;
      case OfGrant(ObjectName name) -> 3;
    };
  }

  private static ObjectName sortName(Unit unit) {
    return switch (unit) {
      case Mesh() -> new ObjectName("", "");
      case OfService(ObjectName name) -> name;
      case OfWorkload(ObjectName name) -> name;
      case OfGrant(ObjectName name) -> name;
    };
  }
}
