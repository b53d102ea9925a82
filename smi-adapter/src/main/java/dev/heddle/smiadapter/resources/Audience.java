package dev.heddle.smiadapter.resources;

import dev.heddle.meshapi.identity.SpiffeId;

/** Who may see a resource. */
public sealed interface Audience {

  /** Every workload of the mesh. */
  Audience EVERYONE = new Everyone();

  /** Every workload of the mesh. */
  record Everyone() implements Audience {}

  /**
   * One workload alone.
   *
   * @param identity who it is, as its certificate states
   * @param node its {@code node.id}, which alone proves nothing
   */
  record OneWorkload(SpiffeId identity, String node) implements Audience {}
}
