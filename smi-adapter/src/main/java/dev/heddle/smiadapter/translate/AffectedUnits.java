package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.Grant;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.PortRule;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.Split;
import java.util.Optional;
import java.util.stream.Stream;

/** Knows which units a change can make different. */
public final class AffectedUnits {

  private AffectedUnits() {}

  /**
   * The units to translate again.
   *
   * @param before the state without the change
   * @param change the change
   * @param after the state with it
   */
  public static Stream<Unit> of(MeshState before, Change change, MeshState after) {
    return switch (change) {
      case Change.ServiceChange(ObjectName name, var service) -> serviceAndApexes(name, after);
      case Change.EndpointGroupChange(ObjectName name, var group) ->
          Stream.of(before.endpointGroup(name), after.endpointGroup(name))
              .flatMap(Optional::stream)
              .map(EndpointGroup::service)
              .distinct()
              .flatMap(service -> serviceAndApexes(service, after));
      case Change.WorkloadChange(ObjectName name, var workload) ->
          Stream.concat(
              Stream.of(new Unit.OfWorkload(name)),
              after.servicesOfWorkload(name).distinct().map(Unit.OfService::new));
      case Change.NodeChange(String name, var locality) ->
          after.servicesOnNode(name).distinct().map(Unit.OfService::new);
      case Change.SplitChange(ObjectName name, var split) ->
          Stream.of(before.split(name), after.split(name))
              .flatMap(Optional::stream)
              .map(Split::apex)
              .distinct()
              .map(Unit.OfService::new);
      case Change.RouteGroupChange(ObjectName name, var group) ->
          Stream.concat(
              after.grantsNaming(name).flatMap(grant -> grantAndWorkloads(grant, after)),
              after.apexesLimitedTo(name).distinct().map(Unit.OfService::new));
      case Change.PortRuleChange(PortRule.Name name, var rule) ->
          after.grantsNaming(name).flatMap(grant -> grantAndWorkloads(grant, after));
      case Change.GrantChange(ObjectName name, var grant) ->
          Stream.of(before.grant(name), after.grant(name))
              .flatMap(Optional::stream)
              .flatMap(each -> grantAndWorkloads(each, after));
      case Change.SettingsChange(MeshSettings settings) -> all(after);
    };
  }

  /** Every unit of a state. */
  public static Stream<Unit> all(MeshState state) {
    return Stream.<Stream<? extends Unit>>of(
            Stream.of(new Unit.Mesh()),
            state.services().map(Service::name).map(Unit.OfService::new),
            state.splits().map(Split::apex).distinct().map(Unit.OfService::new),
            state.workloads().map(workload -> new Unit.OfWorkload(workload.name())),
            state.grants().map(grant -> new Unit.OfGrant(grant.source().name())))
        .<Unit>flatMap(units -> units)
        .distinct();
  }

  /** A grant changes what is let through only where what nothing grants is refused. */
  private static Stream<Unit> grantAndWorkloads(Grant grant, MeshState state) {
    Stream<ObjectName> workloads =
        switch (state.settings().accessControl()) {
          case PERMISSIVE -> Stream.empty();
          case ENFORCED -> state.workloadsOf(grant.destination());
        };
    return Stream.concat(
        Stream.of(new Unit.OfGrant(grant.source().name())), workloads.map(Unit.OfWorkload::new));
  }

  private static Stream<Unit> serviceAndApexes(ObjectName service, MeshState state) {
    return Stream.concat(Stream.of(service), state.apexesOf(service))
        .distinct()
        .map(Unit.OfService::new);
  }
}
