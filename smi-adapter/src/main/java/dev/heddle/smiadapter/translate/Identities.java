package dev.heddle.smiadapter.translate;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.state.Workload;

/** The SPIFFE ids of workloads. */
final class Identities {

  private Identities() {}

  /** The id that the CA signs for a workload: that of its ServiceAccount. */
  static SpiffeId of(Workload workload, String trustDomain) {
    return SpiffeId.of(trustDomain, workload.name().namespace(), workload.serviceAccount());
  }
}
