package dev.heddle.smiadapter.state;

import java.util.List;

/**
 * A pod, as far as the mesh is concerned with it.
 *
 * @param name the pod's name
 * @param serviceAccount the account that is its identity
 * @param meshed whether a proxy runs in it
 * @param family the family of its first address
 * @param owner name of what controls it, such as the Deployment; its own name when nothing does
 * @param ownerKind kind of what controls it, such as {@code Deployment}
 * @param app the app label, empty when there is none
 * @param version the version label, empty when there is none
 * @param probes the requests by which the kubelet asks whether it is well
 */
public record Workload(
    ObjectName name,
    String serviceAccount,
    boolean meshed,
    AddressFamily family,
    String owner,
    String ownerKind,
    String app,
    String version,
    List<Probe> probes) {

  /** Copies the list. */
  public Workload {
    probes = List.copyOf(probes);
  }

  /** Its account, by namespace and name. */
  public ObjectName account() {
    return new ObjectName(name.namespace(), serviceAccount);
  }
}
