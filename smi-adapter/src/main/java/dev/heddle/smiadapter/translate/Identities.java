package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.Workload;

/** The SPIFFE ids of workloads. */
final class Identities {

  private Identities() {}

  /** The id that the CA signs for a workload: that of its ServiceAccount. */
  static String of(Workload workload, String trustDomain) {
    return "spiffe://"
        + trustDomain
        + "/ns/"
        + workload.name().namespace()
        + "/sa/"
        + workload.serviceAccount();
  }
}
