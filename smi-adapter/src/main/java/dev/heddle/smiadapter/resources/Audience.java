package dev.heddle.smiadapter.resources;

/** Who may see a resource. */
public sealed interface Audience {

  /** Every workload of the mesh. */
  Audience EVERYONE = new Everyone();

  /** Every workload of the mesh. */
  record Everyone() implements Audience {}

  /**
   * One workload alone.
   *
   * @param identity its SPIFFE id, as its certificate states it
   * @param node its {@code node.id}, which alone proves nothing
   */
  record OneWorkload(String identity, String node) implements Audience {}
}
