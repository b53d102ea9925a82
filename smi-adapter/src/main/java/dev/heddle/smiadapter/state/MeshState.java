package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * Everything the mesh knows, at one moment. Immutable: a change gives another state that shares all
 * that did not change, so it costs the same in a large cluster as in a small one.
 */
public final class MeshState {

  private final MeshSettings settings;
  private final PMap<ObjectName, Service> services;
  private final PMap<ObjectName, EndpointGroup> groups;
  private final PMap<ObjectName, Workload> workloads;
  private final PMap<String, Locality> nodes;
  private final PMap<ObjectName, Split> splits;
  private final PMap<ObjectName, RouteGroup> routeGroups;
  private final PMap<PortRule.Name, PortRule> portRules;
  private final PMap<ObjectName, Grant> grants;
  private final Index<ObjectName> groupsOfService;
  private final Index<ObjectName> groupsOfWorkload;
  private final Index<String> groupsOnNode;
  private final Index<ObjectName> splitsOfApex;
  private final Index<ObjectName> splitsOfBackend;
  private final Index<ObjectName> splitsOfRouteGroup;
  private final Index<ObjectName> grantsOfDestination;
  private final Index<ObjectName> grantsOfRouteGroup;
  private final Index<PortRule.Name> grantsOfPortRule;
  private final Index<ObjectName> workloadsOfAccount;

  private MeshState(Parts parts) {
    this.settings = parts.settings;
    this.services = parts.services;
    this.groups = parts.groups;
    this.workloads = parts.workloads;
    this.nodes = parts.nodes;
    this.splits = parts.splits;
    this.routeGroups = parts.routeGroups;
    this.portRules = parts.portRules;
    this.grants = parts.grants;
    this.groupsOfService = parts.groupsOfService;
    this.groupsOfWorkload = parts.groupsOfWorkload;
    this.groupsOnNode = parts.groupsOnNode;
    this.splitsOfApex = parts.splitsOfApex;
    this.splitsOfBackend = parts.splitsOfBackend;
    this.splitsOfRouteGroup = parts.splitsOfRouteGroup;
    this.grantsOfDestination = parts.grantsOfDestination;
    this.grantsOfRouteGroup = parts.grantsOfRouteGroup;
    this.grantsOfPortRule = parts.grantsOfPortRule;
    this.workloadsOfAccount = parts.workloadsOfAccount;
  }

  /** A mesh in which nothing is known yet. */
  public static MeshState empty(MeshSettings settings) {
    return new MeshState(new Parts(settings));
  }

  /** What holds for the whole mesh. */
  public MeshSettings settings() {
    return settings;
  }

  /** The service of this name. */
  public Optional<Service> service(ObjectName name) {
    return Optional.ofNullable(services.get(name));
  }

  /** All services, in no particular order. */
  public Stream<Service> services() {
    return services.values().stream();
  }

  /** The workload of this name. */
  public Optional<Workload> workload(ObjectName name) {
    return Optional.ofNullable(workloads.get(name));
  }

  /** All workloads, in no particular order. */
  public Stream<Workload> workloads() {
    return workloads.values().stream();
  }

  /** The endpoint group of this name. */
  public Optional<EndpointGroup> endpointGroup(ObjectName name) {
    return Optional.ofNullable(groups.get(name));
  }

  /** The endpoint groups of a service, ordered by name. */
  public List<EndpointGroup> endpointGroupsOf(ObjectName service) {
    return groupsOfService.get(service).stream().map(this::existingGroup).toList();
  }

  /** The services that have this workload among their endpoints. */
  public Stream<ObjectName> servicesOfWorkload(ObjectName workload) {
    return groupsOfWorkload.get(workload).stream().map(name -> existingGroup(name).service());
  }

  /** The services that have an endpoint on this node. */
  public Stream<ObjectName> servicesOnNode(String node) {
    return groupsOnNode.get(node).stream().map(name -> existingGroup(name).service());
  }

  /** Where a node is. */
  public Locality localityOf(@Nullable String node) {
    Locality locality = node == null ? null : nodes.get(node);
    return locality == null ? Locality.UNKNOWN : locality;
  }

  /** The split of this name. */
  public Optional<Split> split(ObjectName name) {
    return Optional.ofNullable(splits.get(name));
  }

  /** All splits, in no particular order. */
  public Stream<Split> splits() {
    return splits.values().stream();
  }

  /** The splits of this apex, the one that holds first. */
  public List<Split> splitsOf(ObjectName apex) {
    return splitsOfApex.get(apex).stream().map(this::existingSplit).sorted(Split.BY_AGE).toList();
  }

  /** The services whose traffic a split may send to this backend. */
  public Stream<ObjectName> apexesOf(ObjectName backend) {
    return splitsOfBackend.get(backend).stream().map(name -> existingSplit(name).apex());
  }

  /** The services that have a split limited to this route group. */
  public Stream<ObjectName> apexesLimitedTo(ObjectName routeGroup) {
    return splitsOfRouteGroup.get(routeGroup).stream().map(name -> existingSplit(name).apex());
  }

  /** The route group of this name. */
  public Optional<RouteGroup> routeGroup(ObjectName name) {
    return Optional.ofNullable(routeGroups.get(name));
  }

  /** The port rule of this name. */
  public Optional<PortRule> portRule(PortRule.Name name) {
    return Optional.ofNullable(portRules.get(name));
  }

  /** The grant of this name. */
  public Optional<Grant> grant(ObjectName name) {
    return Optional.ofNullable(grants.get(name));
  }

  /** All grants, in no particular order. */
  public Stream<Grant> grants() {
    return grants.values().stream();
  }

  /** The grants to the workloads of an account, ordered by name. */
  public List<Grant> grantsTo(ObjectName account) {
    return grantsOfDestination.get(account).stream().map(this::existingGrant).toList();
  }

  /** The grants that name this route group. */
  public Stream<Grant> grantsNaming(ObjectName routeGroup) {
    return grantsOfRouteGroup.get(routeGroup).stream().map(this::existingGrant);
  }

  /** The grants that name this port rule. */
  public Stream<Grant> grantsNaming(PortRule.Name portRule) {
    return grantsOfPortRule.get(portRule).stream().map(this::existingGrant);
  }

  /** The names of the workloads whose identity is this account. */
  public Stream<ObjectName> workloadsOf(ObjectName account) {
    return workloadsOfAccount.get(account).stream();
  }

  /** This state after a change; this very object when the change says nothing new. */
  public MeshState apply(Change change) {
    return switch (change) {
      case Change.ServiceChange(ObjectName name, Service service) ->
          Objects.equals(services.get(name), service)
              ? this
              : with(parts -> parts.services = put(services, name, service));
      case Change.WorkloadChange(ObjectName name, Workload workload) ->
          withWorkload(name, workloads.get(name), workload);
      case Change.NodeChange(String name, Locality locality) ->
          Objects.equals(nodes.get(name), locality)
              ? this
              : with(parts -> parts.nodes = put(nodes, name, locality));
      case Change.SettingsChange(MeshSettings changed) ->
          settings.equals(changed) ? this : with(parts -> parts.settings = changed);
      case Change.EndpointGroupChange(ObjectName name, EndpointGroup group) ->
          withGroup(name, groups.get(name), group);
      case Change.SplitChange(ObjectName name, Split split) ->
          withSplit(name, splits.get(name), split);
      case Change.RouteGroupChange(ObjectName name, RouteGroup group) ->
          Objects.equals(routeGroups.get(name), group)
              ? this
              : with(parts -> parts.routeGroups = put(routeGroups, name, group));
      case Change.PortRuleChange(PortRule.Name name, PortRule rule) ->
          Objects.equals(portRules.get(name), rule)
              ? this
              : with(parts -> parts.portRules = put(portRules, name, rule));
      case Change.GrantChange(ObjectName name, Grant grant) ->
          withGrant(name, grants.get(name), grant);
    };
  }

  private MeshState withGroup(
      ObjectName name, @Nullable EndpointGroup before, @Nullable EndpointGroup after) {
    if (Objects.equals(before, after)) {
      return this;
    }
    return with(parts -> {
      parts.groups = put(groups, name, after);
      parts.groupsOfService = groupsOfService.replace(name, serviceOf(before), serviceOf(after));
      parts.groupsOfWorkload =
          groupsOfWorkload.replace(name, workloadsIn(before), workloadsIn(after));
      parts.groupsOnNode = groupsOnNode.replace(name, nodesIn(before), nodesIn(after));
    });
  }

  private MeshState withWorkload(
      ObjectName name, @Nullable Workload before, @Nullable Workload after) {
    if (Objects.equals(before, after)) {
      return this;
    }
    return with(parts -> {
      parts.workloads = put(workloads, name, after);
      if (!accountOf(before).equals(accountOf(after))) {
        parts.workloadsOfAccount =
            workloadsOfAccount.replace(name, accountOf(before), accountOf(after));
      }
    });
  }

  private MeshState withGrant(ObjectName name, @Nullable Grant before, @Nullable Grant after) {
    if (Objects.equals(before, after)) {
      return this;
    }
    return with(parts -> {
      parts.grants = put(grants, name, after);
      parts.grantsOfDestination =
          grantsOfDestination.replace(name, destinationOf(before), destinationOf(after));
      parts.grantsOfRouteGroup =
          grantsOfRouteGroup.replace(name, routeGroupsOf(before), routeGroupsOf(after));
      parts.grantsOfPortRule =
          grantsOfPortRule.replace(name, portRulesOf(before), portRulesOf(after));
    });
  }

  private MeshState withSplit(ObjectName name, @Nullable Split before, @Nullable Split after) {
    if (Objects.equals(before, after)) {
      return this;
    }
    return with(parts -> {
      parts.splits = put(splits, name, after);
      parts.splitsOfApex = splitsOfApex.replace(name, apexOf(before), apexOf(after));
      parts.splitsOfBackend = splitsOfBackend.replace(name, backendsOf(before), backendsOf(after));
      parts.splitsOfRouteGroup =
          splitsOfRouteGroup.replace(name, conditionsOf(before), conditionsOf(after));
    });
  }

  private EndpointGroup existingGroup(ObjectName name) {
    return Objects.requireNonNull(groups.get(name), "endpoint group in an index but not held");
  }

  private Split existingSplit(ObjectName name) {
    return Objects.requireNonNull(splits.get(name), "split in an index but not held");
  }

  private Grant existingGrant(ObjectName name) {
    return Objects.requireNonNull(grants.get(name), "grant in an index but not held");
  }

  private static List<ObjectName> accountOf(@Nullable Workload workload) {
    return workload == null ? List.of() : List.of(workload.account());
  }

  private static List<ObjectName> destinationOf(@Nullable Grant grant) {
    return grant == null ? List.of() : List.of(grant.destination());
  }

  private static List<ObjectName> routeGroupsOf(@Nullable Grant grant) {
    return grant == null ? List.of() : grant.routeGroups().toList();
  }

  private static List<PortRule.Name> portRulesOf(@Nullable Grant grant) {
    return grant == null ? List.of() : grant.portRules().toList();
  }

  private static List<ObjectName> conditionsOf(@Nullable Split split) {
    return split == null
        ? List.of()
        : split.conditions().stream().map(SplitCondition::group).distinct().toList();
  }

  private static List<ObjectName> serviceOf(@Nullable EndpointGroup group) {
    return group == null ? List.of() : List.of(group.service());
  }

  private static List<ObjectName> workloadsIn(@Nullable EndpointGroup group) {
    return group == null
        ? List.of()
        : group.endpoints().stream()
            .map(Endpoint::workload)
            .filter(Objects::nonNull)
            .distinct()
            .toList();
  }

  private static List<String> nodesIn(@Nullable EndpointGroup group) {
    return group == null
        ? List.of()
        : group.endpoints().stream()
            .map(Endpoint::node)
            .filter(Objects::nonNull)
            .distinct()
            .toList();
  }

  private static List<ObjectName> apexOf(@Nullable Split split) {
    return split == null ? List.of() : List.of(split.apex());
  }

  private static List<ObjectName> backendsOf(@Nullable Split split) {
    return split == null
        ? List.of()
        : split.backends().stream().map(WeightedBackend::service).distinct().toList();
  }

  private static <K, V> PMap<K, V> put(PMap<K, V> map, K key, @Nullable V value) {
    return value == null ? map.minus(key) : map.plus(key, value);
  }

  private MeshState with(Consumer<Parts> edit) {
    Parts parts = new Parts(this);
    edit.accept(parts);
    return new MeshState(parts);
  }

  /** The fields of a state while the next one is made of them. */
  private static final class Parts {
    private MeshSettings settings;
    private PMap<ObjectName, Service> services = HashTreePMap.empty();
    private PMap<ObjectName, EndpointGroup> groups = HashTreePMap.empty();
    private PMap<ObjectName, Workload> workloads = HashTreePMap.empty();
    private PMap<String, Locality> nodes = HashTreePMap.empty();
    private PMap<ObjectName, Split> splits = HashTreePMap.empty();
    private PMap<ObjectName, RouteGroup> routeGroups = HashTreePMap.empty();
    private PMap<PortRule.Name, PortRule> portRules = HashTreePMap.empty();
    private PMap<ObjectName, Grant> grants = HashTreePMap.empty();
    private Index<ObjectName> groupsOfService = Index.empty();
    private Index<ObjectName> groupsOfWorkload = Index.empty();
    private Index<String> groupsOnNode = Index.empty();
    private Index<ObjectName> splitsOfApex = Index.empty();
    private Index<ObjectName> splitsOfBackend = Index.empty();
    private Index<ObjectName> splitsOfRouteGroup = Index.empty();
    private Index<ObjectName> grantsOfDestination = Index.empty();
    private Index<ObjectName> grantsOfRouteGroup = Index.empty();
    private Index<PortRule.Name> grantsOfPortRule = Index.empty();
    private Index<ObjectName> workloadsOfAccount = Index.empty();

    Parts(MeshSettings settings) {
      this.settings = settings;
    }

    Parts(MeshState state) {
      this.settings = state.settings;
      this.services = state.services;
      this.groups = state.groups;
      this.workloads = state.workloads;
      this.nodes = state.nodes;
      this.splits = state.splits;
      this.routeGroups = state.routeGroups;
      this.portRules = state.portRules;
      this.grants = state.grants;
      this.groupsOfService = state.groupsOfService;
      this.groupsOfWorkload = state.groupsOfWorkload;
      this.groupsOnNode = state.groupsOnNode;
      this.splitsOfApex = state.splitsOfApex;
      this.splitsOfBackend = state.splitsOfBackend;
      this.splitsOfRouteGroup = state.splitsOfRouteGroup;
      this.grantsOfDestination = state.grantsOfDestination;
      this.grantsOfRouteGroup = state.grantsOfRouteGroup;
      this.grantsOfPortRule = state.grantsOfPortRule;
      this.workloadsOfAccount = state.workloadsOfAccount;
    }
  }
}
