package dev.heddle.smiadapter.aggregated;

import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import dev.heddle.smiadapter.trafficmetrics.Reference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The workloads of the mesh: what its pods belong to, of whatever kind. */
final class Workloads {

  private static final Comparator<Reference> ORDER =
      Comparator.comparing(Reference::namespace)
          .thenComparing(Reference::name)
          .thenComparing(Reference::kind);
  private static final String NAME_FIELD = "metadata.name";
  private static final String NAMESPACE_FIELD = "metadata.namespace";

  /** Pods in one page of a list. */
  private static final int PAGE = 500;

  private final MeshState state;
  private final ObjectSource objects;

  Workloads(MeshState state, ObjectSource objects) {
    this.state = state;
    this.objects = objects;
  }

  /**
   * Every workload that has a pod with a proxy, in a fixed order. A label selector is about the
   * pods.
   *
   * @param namespace empty for all
   * @throws ApiException if the selection means nothing
   */
  List<Reference> list(String namespace, ObjectSource.Selection selection) throws ApiException {
    Map<String, String> fields = fields(selection.fieldSelector());
    return pods(namespace, selection.labelSelector())
        .filter(Workload::meshed)
        .map(pod -> new Reference(pod.ownerKind(), pod.name().namespace(), pod.owner()))
        .distinct()
        .filter(workload -> matches(fields, NAME_FIELD, workload.name()))
        .filter(workload -> matches(fields, NAMESPACE_FIELD, workload.namespace()))
        .sorted(ORDER)
        .toList();
  }

  /** The workload of a name; if several kinds have it, the first by kind. */
  Optional<Reference> get(String namespace, String name) throws ApiException {
    return list(namespace, new ObjectSource.Selection("", NAME_FIELD + "=" + name, 0, "")).stream()
        .findFirst();
  }

  /** On which node each pod runs that is behind a service. */
  Map<ObjectName, String> nodes() {
    Map<ObjectName, String> nodes = new HashMap<>();
    state
        .services()
        .flatMap(service -> state.endpointGroupsOf(service.name()).stream())
        .flatMap(group -> group.endpoints().stream())
        .forEach(endpoint -> put(nodes, endpoint));
    return nodes;
  }

  private static void put(Map<ObjectName, String> nodes, Endpoint endpoint) {
    ObjectName pod = endpoint.workload();
    String node = endpoint.node();
    if (pod != null && node != null) {
      nodes.put(pod, node);
    }
  }

  private Stream<Workload> pods(String namespace, String labelSelector) throws ApiException {
    if (labelSelector.isEmpty()) {
      return state
          .workloads()
          .filter(pod -> namespace.isEmpty() || pod.name().namespace().equals(namespace));
    }
    List<ObjectMetadata> selected = new ArrayList<>();
    String next = "";
    do {
      ObjectSource.Page page =
          objects.list(
              MetricsResource.PODS,
              namespace,
              new ObjectSource.Selection(labelSelector, "", PAGE, next));
      selected.addAll(page.objects());
      next = page.next();
    } while (!next.isEmpty());
    return selected.stream()
        .map(pod -> state.workload(new ObjectName(pod.namespace(), pod.name())))
        .flatMap(Optional::stream);
  }

  private static Map<String, String> fields(String selector) throws ApiException {
    Map<String, String> fields = new HashMap<>();
    if (selector.isEmpty()) {
      return fields;
    }
    for (String requirement : selector.split(",", -1)) {
      String[] sides = requirement.split("==?", 2);
      String field = sides[0].strip();
      if (sides.length != 2 || !List.of(NAME_FIELD, NAMESPACE_FIELD).contains(field)) {
        throw ApiException.badRequest(
            "fieldSelector: "
                + requirement
                + " (expected: metadata.name or metadata.namespace with =)");
      }
      fields.put(field, sides[1].strip());
    }
    return fields;
  }

  private static boolean matches(Map<String, String> fields, String field, String value) {
    return fields.getOrDefault(field, value).equals(value);
  }
}
