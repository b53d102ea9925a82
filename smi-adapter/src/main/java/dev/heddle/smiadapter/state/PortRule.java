package dev.heddle.smiadapter.state;

import java.util.Collections;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Ports that others refer to by name.
 *
 * @param source the object of the user that says so
 * @param ports ports of workloads, 1 to 65535; empty for every port
 */
public record PortRule(ObjectReference source, SortedSet<Integer> ports) {

  /** Copies the set. */
  public PortRule {
    ports = Collections.unmodifiableSortedSet(new TreeSet<>(ports));
  }

  /**
   * Names a rule: those of different transports are apart.
   *
   * @param transport what the ports are ports of
   * @param name its name
   */
  public record Name(Transport transport, ObjectName name) implements Comparable<Name> {

    private static final Comparator<Name> ORDER =
        Comparator.comparing(Name::name).thenComparing(Name::transport);

    @Override
    public int compareTo(Name other) {
      return ORDER.compare(this, other);
    }
  }
}
