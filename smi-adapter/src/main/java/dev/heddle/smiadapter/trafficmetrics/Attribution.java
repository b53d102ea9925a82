package dev.heddle.smiadapter.trafficmetrics;

import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.telemetry.Counts;
import dev.heddle.smiadapter.telemetry.Edge;
import dev.heddle.smiadapter.telemetry.EdgeTotals;
import dev.heddle.smiadapter.telemetry.Party;
import dev.heddle.smiadapter.telemetry.Side;
import dev.heddle.smiadapter.trafficmetrics.RowEdge.Direction;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Whose traffic an edge is. What a pod receives, and with it everything that consists of pods, is
 * what its own proxy measured. What a Service or a split receives only the clients know.
 */
public final class Attribution {

  private static final String DEPLOYMENT = "Deployment";
  private static final String REPLICA_SET = "ReplicaSet";

  private final List<EdgeTotals> edges;
  private final Function<ObjectName, Optional<String>> nodes;

  /**
   * Reads these edges.
   *
   * @param nodes on which node a pod runs
   */
  public Attribution(List<EdgeTotals> edges, Function<ObjectName, Optional<String>> nodes) {
    this.edges = List.copyOf(edges);
    this.nodes = nodes;
  }

  /** What the objects of a resource received; those without traffic are not in it. */
  public Map<Reference, Counts> received(MetricsResource resource) {
    Map<Reference, Counts> sums = new HashMap<>();
    for (EdgeTotals totals : edges) {
      receivers(resource, totals.edge())
          .forEach(receiver -> sums.merge(receiver, totals.counts(), Counts::plus));
    }
    return sums;
  }

  /** What each backend of a split got of its traffic, in the split's order. */
  public List<Row> backends(Split split) {
    Map<ObjectName, Counts> sums = new HashMap<>();
    for (EdgeTotals totals : edges) {
      Edge edge = totals.edge();
      ObjectName service = edge.service();
      if (edge.side() == Side.CLIENT && split.apex().equals(edge.apex()) && service != null) {
        sums.merge(service, totals.counts(), Counts::plus);
      }
    }
    ObjectName name = split.source().name();
    return split.backends().stream()
        .map(backend ->
            new Row(
                new Reference(MetricsResource.TRAFFICSPLITS.kind(), name.namespace(), name.name()),
                Map.of(),
                new RowEdge(Direction.FROM, Side.CLIENT, Reference.ANYTHING),
                backend(split, backend),
                sums.getOrDefault(backend.service(), Counts.NONE)))
        .toList();
  }

  /** With whom an object exchanged requests, in a fixed order. */
  public Map<RowEdge, Counts> edgesOf(MetricsResource resource, Reference object) {
    Map<RowEdge, Counts> sums =
        new TreeMap<>(
            Comparator.comparing(RowEdge::direction)
                .thenComparing(RowEdge::side)
                .thenComparing(edge -> edge.resource().kind())
                .thenComparing(edge -> edge.resource().namespace())
                .thenComparing(edge -> edge.resource().name()));
    for (EdgeTotals totals : edges) {
      edgesOf(resource, object, totals.edge())
          .forEach(edge -> sums.merge(edge, totals.counts(), Counts::plus));
    }
    return sums;
  }

  private static Row.Backend backend(Split split, WeightedBackend backend) {
    return new Row.Backend(split.apex().name(), backend.service().name(), backend.weight());
  }

  private Stream<Reference> receivers(MetricsResource resource, Edge edge) {
    return switch (resource) {
      case SERVICES ->
          edge.side() == Side.CLIENT
              ? Stream.of(Optional.ofNullable(edge.service()), Optional.ofNullable(edge.apex()))
                  .flatMap(Optional::stream)
                  .distinct()
                  .map(name -> new Reference(resource.kind(), name.namespace(), name.name()))
              : Stream.empty();
      case TRAFFICSPLITS -> Stream.empty();
      case NAMESPACES,
          NODES,
          PODS,
          REPLICATIONCONTROLLERS,
          DAEMONSETS,
          DEPLOYMENTS,
          REPLICASETS,
          STATEFULSETS,
          JOBS,
          TRAFFICMETRICS ->
          edge.side() == Side.SERVER ? end(resource, edge.reporter()).stream() : Stream.empty();
    };
  }

  private Stream<RowEdge> edgesOf(MetricsResource resource, Reference object, Edge edge) {
    if (edge.side() == Side.SERVER) {
      // Clients in the mesh tell themselves, and more; of the others this is all that is known.
      return edge.peer().equals(Party.UNKNOWN) && receivers(resource, edge).anyMatch(object::equals)
          ? Stream.of(new RowEdge(Direction.FROM, Side.SERVER, Reference.ANYTHING))
          : Stream.empty();
    }
    Stream<RowEdge> sent =
        end(resource, edge.reporter()).filter(object::equals).isPresent()
            ? Stream.of(new RowEdge(Direction.TO, Side.CLIENT, server(resource, edge)))
            : Stream.empty();
    boolean receives =
        resource == MetricsResource.SERVICES
            ? receivers(resource, edge).anyMatch(object::equals)
            : end(resource, edge.peer()).filter(object::equals).isPresent();
    Stream<RowEdge> received =
        receives
            ? Stream.of(new RowEdge(Direction.FROM, Side.CLIENT, other(resource, edge.reporter())))
            : Stream.empty();
    return Stream.concat(sent, received);
  }

  private Reference server(MetricsResource resource, Edge edge) {
    Reference server = other(resource, edge.peer());
    ObjectName service = edge.service();
    return server.equals(Reference.ANYTHING) && service != null
        ? new Reference(MetricsResource.SERVICES.kind(), service.namespace(), service.name())
        : server;
  }

  /** The other end of an edge: of a workload that is a workload, of whatever kind. */
  private Reference other(MetricsResource resource, Party party) {
    return switch (resource) {
      case NAMESPACES, NODES, PODS -> end(resource, party).orElse(Reference.ANYTHING);
      case REPLICATIONCONTROLLERS,
          SERVICES,
          DAEMONSETS,
          DEPLOYMENTS,
          REPLICASETS,
          STATEFULSETS,
          JOBS,
          TRAFFICSPLITS,
          TRAFFICMETRICS ->
          end(MetricsResource.TRAFFICMETRICS, party).orElse(Reference.ANYTHING);
    };
  }

  /** The object of a resource that one end belongs to. */
  private Optional<Reference> end(MetricsResource resource, Party party) {
    String namespace = party.namespace();
    return switch (resource) {
      case NAMESPACES -> reference(resource.kind(), "", namespace);
      case NODES ->
          nodes
              .apply(new ObjectName(namespace, party.pod()))
              .flatMap(node -> reference(resource.kind(), "", node));
      case PODS -> reference(resource.kind(), namespace, party.pod());
      case REPLICASETS -> reference(resource.kind(), namespace, replicaSet(party));
      case REPLICATIONCONTROLLERS, DAEMONSETS, DEPLOYMENTS, STATEFULSETS, JOBS ->
          party.kind().equals(resource.kind())
              ? reference(resource.kind(), namespace, party.workload())
              : Optional.empty();
      case TRAFFICMETRICS -> reference(party.kind(), namespace, party.workload());
      case SERVICES, TRAFFICSPLITS -> Optional.empty();
    };
  }

  /** A ReplicaSet gives its pods its own name, a dash and five characters. */
  private static String replicaSet(Party party) {
    if (party.kind().equals(REPLICA_SET)) {
      return party.workload();
    }
    int dash = party.pod().lastIndexOf('-');
    return party.kind().equals(DEPLOYMENT) && dash > 0 ? party.pod().substring(0, dash) : "";
  }

  private static Optional<Reference> reference(String kind, String namespace, String name) {
    return name.isEmpty() ? Optional.empty() : Optional.of(new Reference(kind, namespace, name));
  }
}
