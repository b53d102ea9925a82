package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * Everything the mesh knows, at one moment. Immutable: a change gives another state that shares all
 * that did not change, so it costs the same in a large cluster as in a small one.
 */
public final class MeshState {

  private static final Reference<EndpointGroup, ObjectName> SERVICE =
      Reference.toOne(EndpointGroup::service);
  private static final Reference<EndpointGroup, ObjectName> WORKLOAD =
      Reference.toAny(
          group -> group.endpoints().stream().map(Endpoint::workload).filter(Objects::nonNull));
  private static final Reference<EndpointGroup, String> NODE =
      Reference.toAny(
          group -> group.endpoints().stream().map(Endpoint::node).filter(Objects::nonNull));
  private static final Reference<Workload, ObjectName> ACCOUNT = Reference.toOne(Workload::account);
  private static final Reference<Split, ObjectName> APEX = Reference.toOne(Split::apex);
  private static final Reference<Split, ObjectName> BACKEND =
      Reference.toAny(split -> split.backends().stream().map(WeightedBackend::service));
  private static final Reference<Split, ObjectName> CONDITION =
      Reference.toAny(split -> split.conditions().stream().map(SplitCondition::group));
  private static final Reference<Grant, ObjectName> DESTINATION =
      Reference.toOne(Grant::destination);
  private static final Reference<Grant, ObjectName> ROUTE_GROUP =
      Reference.toAny(Grant::routeGroups);
  private static final Reference<Grant, PortRule.Name> PORT_RULE =
      Reference.toAny(Grant::portRules);

  private static final Kind<ObjectName, Service> SERVICES = Kind.foundBy(List.of());
  private static final Kind<ObjectName, EndpointGroup> ENDPOINT_GROUPS =
      Kind.foundBy(List.of(SERVICE, WORKLOAD, NODE));
  private static final Kind<ObjectName, Workload> WORKLOADS = Kind.foundBy(List.of(ACCOUNT));
  private static final Kind<String, Locality> NODES = Kind.foundBy(List.of());
  private static final Kind<ObjectName, Split> SPLITS =
      Kind.foundBy(List.of(APEX, BACKEND, CONDITION));
  private static final Kind<ObjectName, RouteGroup> ROUTE_GROUPS = Kind.foundBy(List.of());
  private static final Kind<PortRule.Name, PortRule> PORT_RULES = Kind.foundBy(List.of());
  private static final Kind<ObjectName, Grant> GRANTS =
      Kind.foundBy(List.of(DESTINATION, ROUTE_GROUP, PORT_RULE));

  /** Objects of a kind; each is itself only. */
  private static final class Kind<N extends Comparable<N>, V> {
    private final Table<N, V> empty;

    private Kind(Table<N, V> empty) {
      this.empty = empty;
    }

    static <N extends Comparable<N>, V> Kind<N, V> foundBy(List<Reference<V, ?>> references) {
      return new Kind<>(Table.<N, V>of(references));
    }
  }

  private final MeshSettings settings;
  private final PMap<Kind<?, ?>, Table<?, ?>> tables;

  private MeshState(MeshSettings settings, PMap<Kind<?, ?>, Table<?, ?>> tables) {
    this.settings = settings;
    this.tables = tables;
  }

  /** A mesh in which nothing is known yet. */
  public static MeshState empty(MeshSettings settings) {
    return new MeshState(settings, HashTreePMap.empty());
  }

  /** What holds for the whole mesh. */
  public MeshSettings settings() {
    return settings;
  }

  /** The service of this name. */
  public Optional<Service> service(ObjectName name) {
    return table(SERVICES).get(name);
  }

  /** All services, in no particular order. */
  public Stream<Service> services() {
    return table(SERVICES).all();
  }

  /** The workload of this name. */
  public Optional<Workload> workload(ObjectName name) {
    return table(WORKLOADS).get(name);
  }

  /** All workloads, in no particular order. */
  public Stream<Workload> workloads() {
    return table(WORKLOADS).all();
  }

  /** The endpoint group of this name. */
  public Optional<EndpointGroup> endpointGroup(ObjectName name) {
    return table(ENDPOINT_GROUPS).get(name);
  }

  /** The endpoint groups of a service, ordered by name. */
  public List<EndpointGroup> endpointGroupsOf(ObjectName service) {
    return table(ENDPOINT_GROUPS).referring(SERVICE, service).toList();
  }

  /** The services that have this workload among their endpoints. */
  public Stream<ObjectName> servicesOfWorkload(ObjectName workload) {
    return table(ENDPOINT_GROUPS).referring(WORKLOAD, workload).map(EndpointGroup::service);
  }

  /** The services that have an endpoint on this node. */
  public Stream<ObjectName> servicesOnNode(String node) {
    return table(ENDPOINT_GROUPS).referring(NODE, node).map(EndpointGroup::service);
  }

  /** Where a node is. */
  public Locality localityOf(@Nullable String node) {
    return node == null ? Locality.UNKNOWN : table(NODES).get(node).orElse(Locality.UNKNOWN);
  }

  /** The split of this name. */
  public Optional<Split> split(ObjectName name) {
    return table(SPLITS).get(name);
  }

  /** All splits, in no particular order. */
  public Stream<Split> splits() {
    return table(SPLITS).all();
  }

  /** The splits of this apex, the one that holds first. */
  public List<Split> splitsOf(ObjectName apex) {
    return table(SPLITS).referring(APEX, apex).sorted(Split.BY_AGE).toList();
  }

  /** The services whose traffic a split may send to this backend. */
  public Stream<ObjectName> apexesOf(ObjectName backend) {
    return table(SPLITS).referring(BACKEND, backend).map(Split::apex);
  }

  /** The services that have a split limited to this route group. */
  public Stream<ObjectName> apexesLimitedTo(ObjectName routeGroup) {
    return table(SPLITS).referring(CONDITION, routeGroup).map(Split::apex);
  }

  /** The route group of this name. */
  public Optional<RouteGroup> routeGroup(ObjectName name) {
    return table(ROUTE_GROUPS).get(name);
  }

  /** The port rule of this name. */
  public Optional<PortRule> portRule(PortRule.Name name) {
    return table(PORT_RULES).get(name);
  }

  /** The grant of this name. */
  public Optional<Grant> grant(ObjectName name) {
    return table(GRANTS).get(name);
  }

  /** All grants, in no particular order. */
  public Stream<Grant> grants() {
    return table(GRANTS).all();
  }

  /** The grants to the workloads of an account, ordered by name. */
  public List<Grant> grantsTo(ObjectName account) {
    return table(GRANTS).referring(DESTINATION, account).toList();
  }

  /** The grants that name this route group. */
  public Stream<Grant> grantsNaming(ObjectName routeGroup) {
    return table(GRANTS).referring(ROUTE_GROUP, routeGroup);
  }

  /** The grants that name this port rule. */
  public Stream<Grant> grantsNaming(PortRule.Name portRule) {
    return table(GRANTS).referring(PORT_RULE, portRule);
  }

  /** The names of the workloads whose identity is this account. */
  public Stream<ObjectName> workloadsOf(ObjectName account) {
    return table(WORKLOADS).referring(ACCOUNT, account).map(Workload::name);
  }

  /** This state after a change; this very object when the change says nothing new. */
  public MeshState apply(Change change) {
    return switch (change) {
      case Change.ServiceChange(var name, var service) -> with(SERVICES, name, service);
      case Change.EndpointGroupChange(var name, var group) -> with(ENDPOINT_GROUPS, name, group);
      case Change.WorkloadChange(var name, var workload) -> with(WORKLOADS, name, workload);
      case Change.NodeChange(var name, var locality) -> with(NODES, name, locality);
      case Change.SplitChange(var name, var split) -> with(SPLITS, name, split);
      case Change.RouteGroupChange(var name, var group) -> with(ROUTE_GROUPS, name, group);
      case Change.PortRuleChange(var name, var rule) -> with(PORT_RULES, name, rule);
      case Change.GrantChange(var name, var grant) -> with(GRANTS, name, grant);
      case Change.SettingsChange(var changed) ->
          settings.equals(changed) ? this : new MeshState(changed, tables);
    };
  }

  private <N extends Comparable<N>, V> MeshState with(Kind<N, V> kind, N name, @Nullable V object) {
    Table<N, V> before = table(kind);
    Table<N, V> after = before.with(name, object);
    return after == before ? this : new MeshState(settings, tables.plus(kind, after));
  }

  // Nothing but the table of a kind is ever put under it.
  @SuppressWarnings("unchecked")
  private <N extends Comparable<N>, V> Table<N, V> table(Kind<N, V> kind) {
    return (Table<N, V>) tables.getOrDefault(kind, kind.empty);
  }
}
