package dev.heddle.dataplane.xds;

import com.google.protobuf.Any;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.TranslatedCluster;
import dev.heddle.dataplane.xds.translation.TranslatedCluster.EndpointSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All resources and how they hang together: from the listeners asked for to the endpoints behind
 * them. Follows references by subscribing, and makes the configuration that can serve (warming):
 * the newest version of a resource takes over once all it refers to is known, until then the one
 * before it serves on. Not thread-safe.
 */
final class ResourceGraph {

  /** What has become of a listener that was asked for. */
  enum ListenerState {
    PENDING,
    PUBLISHED,
    ABSENT
  }

  private final ResourceTable<Listener> listeners;
  private final ResourceTable<RouteConfiguration> routes;
  private final ResourceTable<TranslatedCluster> clusters;
  private final ResourceTable<EndpointAssignment> endpoints;
  private final Set<String> roots = new LinkedHashSet<>();
  private final Set<String> foreignClusters;
  private ProxyConfiguration published = ProxyConfiguration.EMPTY;

  /**
   * A graph without listeners.
   *
   * @param foreignClusters clusters that are defined elsewhere (bootstrap) and so not asked for
   */
  ResourceGraph(ResourceTranslator translator, Set<String> foreignClusters) {
    this.listeners = new ResourceTable<>(translator::listener);
    this.routes = new ResourceTable<>(translator::routes);
    this.clusters = new ResourceTable<>(translator::cluster);
    this.endpoints = new ResourceTable<>(translator::endpoints);
    this.foreignClusters = Set.copyOf(foreignClusters);
  }

  ResourceTable<?> table(ResourceType type) {
    return switch (type) {
      case LISTENER -> listeners;
      case ROUTES -> routes;
      case CLUSTER -> clusters;
      case ENDPOINTS -> endpoints;
    };
  }

  void addListener(String name) {
    if (roots.add(name)) {
      listeners.subscribe(name);
    }
  }

  void addAllListeners() {
    listeners.subscribeToAll();
  }

  void removeListener(String name) {
    roots.remove(name);
  }

  Set<String> listenerNames() {
    return listeners.isWildcard() ? Set.copyOf(listeners.entries().keySet()) : Set.copyOf(roots);
  }

  /** Takes over what an earlier run kept; false if it cannot be honoured any more. */
  boolean restore(ResourceType type, String name, String version, Any resource) {
    if (type == ResourceType.LISTENER && !listeners.isWildcard()) {
      roots.add(name);
    }
    return table(type).restore(name, version, resource);
  }

  ListenerState state(String name) {
    if (published.listeners().containsKey(name)) {
      return ListenerState.PUBLISHED;
    }
    return listeners.known(name) instanceof Known.Absent<Listener>
        ? ListenerState.ABSENT
        : ListenerState.PENDING;
  }

  /**
   * The listeners that cannot serve in their newest version yet, each with the first resource that
   * it waits for.
   */
  Map<String, String> waiting() {
    Map<String, String> waiting = new LinkedHashMap<>();
    for (String name : listenerNames()) {
      if (listeners.known(name) instanceof Known.Absent<Listener>) {
        continue;
      }
      Listener newest = listeners.value(name);
      String missing = newest == null ? "listener " + name : missingOfListener(newest);
      if (missing != null) {
        waiting.put(name, missing);
      }
    }
    return waiting;
  }

  /**
   * Brings what is subscribed to in line with what is referred to, and makes the configuration that
   * can serve now.
   *
   * @return the same object as before if nothing has changed
   */
  ProxyConfiguration settle() {
    Snapshot snapshot = new Snapshot();
    for (String root : listenerNames()) {
      snapshot.addListener(root);
    }
    ProxyConfiguration next = snapshot.configuration(published.version() + 1);
    if (!sameContent(next, published)) {
      published = next;
    }
    follow();
    return published;
  }

  /**
   * What a restart can begin from: the listeners that are warm in their newest version with all
   * they need, as many as fit.
   *
   * @param first listeners that come before all others
   */
  List<KeptResource> lastGood(Set<String> first, int maxSize) {
    Set<String> names = new LinkedHashSet<>(first);
    names.addAll(listenerNames());
    Set<KeptResource> chosen = new LinkedHashSet<>();
    int size = 0;
    for (String name : names) {
      Set<KeptResource> needed = new LinkedHashSet<>();
      Listener listener = listeners.value(name);
      if (listener == null || !listenerWarm(listener)) {
        continue;
      }
      gather(name, listener, needed);
      needed.removeAll(chosen);
      int added = needed.stream().mapToInt(KeptResource::size).sum();
      if (size + added <= maxSize) {
        size += added;
        chosen.addAll(needed);
      }
    }
    return List.copyOf(chosen);
  }

  private void gather(String name, Listener listener, Set<KeptResource> into) {
    add(ResourceType.LISTENER, name, listeners, into);
    References references = References.of(listener);
    Set<String> clusterNames = new LinkedHashSet<>(references.clusters());
    for (String routeName : references.routes()) {
      add(ResourceType.ROUTES, routeName, routes, into);
      addReferences(routes.value(routeName), clusterNames);
    }
    for (String clusterName : clusterNames) {
      add(ResourceType.CLUSTER, clusterName, clusters, into);
      TranslatedCluster cluster = clusters.value(clusterName);
      if (cluster != null && cluster.endpoints() instanceof EndpointSource.Named named) {
        add(ResourceType.ENDPOINTS, named.name(), endpoints, into);
      }
    }
  }

  private static <T> void add(
      ResourceType type, String name, ResourceTable<T> table, Set<KeptResource> into) {
    if (table.known(name) instanceof Known.Present<T> present) {
      into.add(new KeptResource(type, name, present.version(), present.resource()));
    }
  }

  private static boolean sameContent(ProxyConfiguration left, ProxyConfiguration right) {
    return left.listeners().equals(right.listeners())
        && left.routes().equals(right.routes())
        && left.clusters().equals(right.clusters())
        && left.endpoints().equals(right.endpoints());
  }

  /**
   * Subscribes to all that the newest versions or the published ones refer to, and to nothing else.
   */
  private void follow() {
    if (!listeners.isWildcard()) {
      listeners.retain(roots);
    }
    Set<String> neededRoutes = new HashSet<>();
    Set<String> neededClusters = new HashSet<>();
    for (String root : listenerNames()) {
      addReferences(listeners.value(root), neededRoutes, neededClusters);
      addReferences(published.listeners().get(root), neededRoutes, neededClusters);
    }
    for (String name : neededRoutes) {
      routes.subscribe(name);
      addReferences(routes.value(name), neededClusters);
      addReferences(published.route(name), neededClusters);
    }
    neededClusters.removeAll(foreignClusters);
    Set<String> neededEndpoints = new HashSet<>();
    for (String name : neededClusters) {
      clusters.subscribe(name);
      TranslatedCluster cluster = clusters.value(name);
      if (cluster != null && cluster.endpoints() instanceof EndpointSource.Named named) {
        neededEndpoints.add(named.name());
      }
    }
    neededEndpoints.forEach(endpoints::subscribe);
    routes.retain(neededRoutes);
    clusters.retain(neededClusters);
    endpoints.retain(neededEndpoints);
  }

  private static void addReferences(
      @Nullable Listener listener, Set<String> neededRoutes, Set<String> neededClusters) {
    if (listener != null) {
      References references = References.of(listener);
      neededRoutes.addAll(references.routes());
      neededClusters.addAll(references.clusters());
    }
  }

  private static void addReferences(
      @Nullable RouteConfiguration configuration, Set<String> neededClusters) {
    if (configuration != null) {
      neededClusters.addAll(References.clustersOf(configuration));
    }
  }

  private boolean answered(@Nullable Known<?> known) {
    return known instanceof Known.Present<?> || known instanceof Known.Absent<?>;
  }

  private boolean clusterWarm(String name) {
    return missingOfCluster(name) == null;
  }

  private boolean clustersWarm(Set<String> names) {
    return missingOfClusters(names) == null;
  }

  private boolean listenerWarm(Listener listener) {
    return missingOfListener(listener) == null;
  }

  private @Nullable String missingOfCluster(String name) {
    if (foreignClusters.contains(name)
        || clusters.known(name) instanceof Known.Absent<TranslatedCluster>) {
      return null;
    }
    TranslatedCluster cluster = clusters.value(name);
    if (cluster == null) {
      return "cluster " + name;
    }
    return switch (cluster.endpoints()) {
      case EndpointSource.Inline _ -> null;
      case EndpointSource.Named named ->
          answered(endpoints.known(named.name())) ? null : "endpoints " + named.name();
    };
  }

  private @Nullable String missingOfClusters(Set<String> names) {
    for (String name : names) {
      String missing = missingOfCluster(name);
      // A cluster that already serves does so while its newer version warms.
      if (missing != null && published.cluster(name) == null) {
        return missing;
      }
    }
    return null;
  }

  private @Nullable String missingOfRoutes(String name) {
    if (routes.known(name) instanceof Known.Absent<RouteConfiguration>
        || published.route(name) != null) {
      return null;
    }
    RouteConfiguration configuration = routes.value(name);
    return configuration == null
        ? "routes " + name
        : missingOfClusters(References.clustersOf(configuration));
  }

  private @Nullable String missingOfListener(Listener listener) {
    References references = References.of(listener);
    for (String name : references.routes()) {
      String missing = missingOfRoutes(name);
      if (missing != null) {
        return missing;
      }
    }
    return missingOfClusters(references.clusters());
  }

  /** The configuration that can serve now, gathered from the listeners down. */
  private final class Snapshot {
    private final Map<String, Listener> snapshotListeners = new HashMap<>();
    private final Map<String, RouteConfiguration> snapshotRoutes = new HashMap<>();
    private final Map<String, Cluster> snapshotClusters = new HashMap<>();
    private final Map<String, EndpointAssignment> snapshotEndpoints = new HashMap<>();

    void addListener(String name) {
      if (listeners.known(name) instanceof Known.Absent<Listener>) {
        return;
      }
      Listener newest = listeners.value(name);
      Listener serving =
          newest != null && listenerWarm(newest) ? newest : published.listeners().get(name);
      if (serving == null) {
        return;
      }
      snapshotListeners.put(name, serving);
      References references = References.of(serving);
      references.routes().forEach(this::addRoutes);
      references.clusters().forEach(this::addCluster);
    }

    private void addRoutes(String name) {
      if (snapshotRoutes.containsKey(name)
          || routes.known(name) instanceof Known.Absent<RouteConfiguration>) {
        return;
      }
      RouteConfiguration newest = routes.value(name);
      RouteConfiguration serving =
          newest != null && clustersWarm(References.clustersOf(newest))
              ? newest
              : published.route(name);
      if (serving != null) {
        snapshotRoutes.put(name, serving);
        References.clustersOf(serving).forEach(this::addCluster);
      }
    }

    private void addCluster(String name) {
      if (snapshotClusters.containsKey(name)
          || clusters.known(name) instanceof Known.Absent<TranslatedCluster>) {
        return;
      }
      TranslatedCluster newest = clusters.value(name);
      if (newest != null && clusterWarm(name)) {
        snapshotClusters.put(name, newest.cluster());
        snapshotEndpoints.put(name, assignment(newest.endpoints()));
        return;
      }
      Cluster serving = published.cluster(name);
      if (serving != null) {
        snapshotClusters.put(name, serving);
        snapshotEndpoints.put(name, published.endpoints(name));
      }
    }

    private EndpointAssignment assignment(EndpointSource source) {
      return switch (source) {
        case EndpointSource.Inline inline -> inline.assignment();
        case EndpointSource.Named named -> {
          EndpointAssignment assignment = endpoints.value(named.name());
          yield assignment == null ? EndpointAssignment.NONE : assignment;
        }
      };
    }

    ProxyConfiguration configuration(long version) {
      return new ProxyConfiguration(
          version, snapshotListeners, snapshotRoutes, snapshotClusters, snapshotEndpoints);
    }
  }
}
