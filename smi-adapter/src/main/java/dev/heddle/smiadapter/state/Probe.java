package dev.heddle.smiadapter.state;

import java.util.Comparator;

/**
 * An HTTP request that asks whether a pod is well, and has to be answered whatever the policy.
 *
 * @param port the port it goes to, 1 to 65535
 * @param method its method
 * @param path its path, without query
 */
public record Probe(int port, String method, String path) implements Comparable<Probe> {

  private static final Comparator<Probe> ORDER =
      Comparator.comparingInt(Probe::port).thenComparing(Probe::path).thenComparing(Probe::method);

  @Override
  public int compareTo(Probe other) {
    return ORDER.compare(this, other);
  }
}
