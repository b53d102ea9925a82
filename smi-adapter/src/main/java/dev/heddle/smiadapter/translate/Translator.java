package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import java.util.List;

/** Translates a unit of the mesh into xDS resources: a pure function of the state. */
public final class Translator {

  private Translator() {}

  /** What a unit comes to in a state. */
  public static UnitTranslation translate(MeshState state, Unit unit) {
    return switch (unit) {
      case Unit.Mesh() ->
          new UnitTranslation(
              List.of(Clusters.originalDestination(), Clusters.noBackend()), List.of());
      case Unit.OfService(ObjectName name) ->
          state
              .service(name)
              .map(service -> ServiceTranslation.of(state, service))
              .orElseGet(() ->
                  new UnitTranslation(List.of(), SplitPlanner.withoutApex(state.splitsOf(name))));
      case Unit.OfWorkload(ObjectName name) ->
          state
              .workload(name)
              .filter(Workload::meshed)
              .map(workload ->
                  new UnitTranslation(List.of(InboundListeners.of(workload, state)), List.of()))
              .orElse(UnitTranslation.NOTHING);
      case Unit.OfGrant(ObjectName name) ->
          state
              .grant(name)
              .map(grant -> new UnitTranslation(List.of(), GrantResolution.findings(state, grant)))
              .orElse(UnitTranslation.NOTHING);
    };
  }
}
