package dev.heddle.smiadapter.translate;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import java.util.List;

/**
 * Who may send what to a workload.
 *
 * @param name what it is called in policies
 * @param clients the identities that may; at least one
 * @param traffic what they may send; never nothing
 */
record AccessGrant(String name, List<SpiffeId> clients, GrantedTraffic traffic) {

  /** Copies the list. */
  AccessGrant {
    clients = List.copyOf(clients);
  }

  /** The grants to a workload by which anything is let through. */
  static List<AccessGrant> to(Workload workload, MeshState state) {
    return state.grantsTo(workload.account()).stream()
        .map(grant -> of(grant, state))
        .filter(grant -> !(grant.traffic() instanceof GrantedTraffic.Nothing))
        .toList();
  }

  private static AccessGrant of(Grant grant, MeshState state) {
    String trustDomain = state.settings().trustDomain();
    return new AccessGrant(
        grant.source().toString(),
        grant.clients().stream().map(account -> identity(account, trustDomain)).toList(),
        GrantResolution.traffic(state, grant));
  }

  private static SpiffeId identity(ObjectName account, String trustDomain) {
    return SpiffeId.of(trustDomain, account.namespace(), account.name());
  }
}
