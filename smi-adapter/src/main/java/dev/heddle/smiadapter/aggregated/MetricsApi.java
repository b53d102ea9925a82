package dev.heddle.smiadapter.aggregated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.telemetry.Counts;
import dev.heddle.smiadapter.telemetry.MeshTraffic;
import dev.heddle.smiadapter.telemetry.Side;
import dev.heddle.smiadapter.trafficmetrics.Attribution;
import dev.heddle.smiadapter.trafficmetrics.ListPage;
import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import dev.heddle.smiadapter.trafficmetrics.Reference;
import dev.heddle.smiadapter.trafficmetrics.Row;
import dev.heddle.smiadapter.trafficmetrics.RowEdge;
import dev.heddle.smiadapter.trafficmetrics.RowsJson;
import dev.heddle.smiadapter.trafficmetrics.RowsTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers requests. An object that exists and had no traffic has zeros; one that does not exist is
 * not found; a list without objects is empty.
 */
final class MetricsApi {

  private final RequestHeaderAuthentication authentication;
  private final Authorization authorization;
  private final Supplier<MeshState> state;
  private final ObjectSource objects;
  private final MeshTraffic traffic;

  MetricsApi(
      RequestHeaderAuthentication authentication,
      Authorization authorization,
      Supplier<MeshState> state,
      ObjectSource objects,
      MeshTraffic traffic) {
    this.authentication = authentication;
    this.authorization = authorization;
    this.state = state;
    this.objects = objects;
    this.traffic = traffic;
  }

  /**
   * Answers, whatever the request is.
   *
   * @throws InterruptedException if the thread is to end
   */
  Answer answer(ApiRequest request) throws InterruptedException {
    try {
      ApiPath path = ApiPath.parse(request.path());
      if (!(path instanceof ApiPath.Health)) {
        User user =
            authentication
                .user(request.chain(), request.headers())
                .orElseThrow(ApiException::unauthorized);
        authorization.require(user, path.attributes(request.method(), request.path()));
      }
      return authorized(request, path);
    } catch (ApiException e) {
      return Answer.of(e);
    }
  }

  private Answer authorized(ApiRequest request, ApiPath path)
      throws ApiException, InterruptedException {
    if (path instanceof ApiPath.Unknown) {
      throw ApiException.notFound("the server could not find the requested resource");
    }
    boolean watch = List.of("true", "1").contains(request.parameter("watch"));
    if (!List.of("GET", "HEAD").contains(request.method()) || watch) {
      throw ApiException.methodNotAllowed(watch ? "watch" : request.method());
    }
    return switch (path) {
      case ApiPath.Health _ -> Answer.ok(JsonNodeFactory.instance.textNode("ok"));
      case ApiPath.Groups _ -> groups(request);
      case ApiPath.Group _ -> Answer.ok(DiscoveryDocuments.group());
      case ApiPath.Resources(String version) -> Answer.ok(DiscoveryDocuments.resources(version));
      case ApiPath.Objects wanted -> objects(request, wanted);
      case ApiPath.Edges wanted -> edges(request, wanted);
      case ApiPath.Unknown _ -> throw new IllegalStateException("was refused before");
    };
  }

  private static Answer groups(ApiRequest request) throws ApiException {
    return switch (Representation.of(request.header("Accept"))) {
      case Representation.AggregatedDiscovery _ ->
          Answer.ok(DiscoveryDocuments.aggregated()).as(DiscoveryDocuments.AGGREGATED_TYPE);
      case Representation.Plain _, Representation.Table _ -> Answer.ok(DiscoveryDocuments.groups());
    };
  }

  /** What is needed to answer one request. */
  private record Context(
      MetricsQuery query,
      Representation representation,
      MeshState state,
      Workloads workloads,
      MeshTraffic.Snapshot snapshot,
      Attribution attribution,
      RowsJson json) {}

  private Context context(ApiRequest request, String version, MetricsResource resource)
      throws ApiException, InterruptedException {
    Representation representation = Representation.of(request.header("Accept"));
    Duration longest = traffic.longestSpan();
    MetricsQuery query = MetricsQuery.of(request, longest);
    MeshState now = state.get();
    Workloads workloads = new Workloads(now, objects);
    MeshTraffic.Snapshot snapshot = traffic.read(query.span());
    Map<ObjectName, String> nodes =
        resource == MetricsResource.NODES ? workloads.nodes() : Map.of();
    return new Context(
        query,
        representation,
        now,
        workloads,
        snapshot,
        new Attribution(snapshot.edges(), pod -> Optional.ofNullable(nodes.get(pod))),
        new RowsJson(ApiPath.GROUP + "/" + version, snapshot.at(), snapshot.span()));
  }

  private Answer objects(ApiRequest request, ApiPath.Objects wanted)
      throws ApiException, InterruptedException {
    Context context = context(request, wanted.version(), wanted.resource());
    if (!wanted.name().isEmpty()) {
      return one(context, wanted);
    }
    Reference about = new Reference(wanted.resource().kind(), wanted.namespace(), "");
    Map<String, String> labels = context.query().matchLabels();
    if (wanted.resource() == MetricsResource.TRAFFICMETRICS) {
      Map<Reference, Counts> received = context.attribution().received(wanted.resource());
      List<Row> rows =
          context.workloads().list(wanted.namespace(), context.query().selection()).stream()
              .map(workload -> row(workload, Map.of(), received))
              .toList();
      return list(context, RowsTable.Shape.OBJECTS, about, rows, new ListPage("", null, labels));
    }
    ObjectSource.Page page =
        objects.list(wanted.resource(), wanted.namespace(), context.query().selection());
    ListPage listPage = new ListPage(page.next(), page.remaining(), labels);
    if (wanted.resource() == MetricsResource.TRAFFICSPLITS) {
      List<Row> rows = new ArrayList<>();
      page.objects()
          .forEach(object ->
              context
                  .state()
                  .split(new ObjectName(object.namespace(), object.name()))
                  .ifPresent(split -> rows.addAll(backends(context, split, object))));
      return list(context, RowsTable.Shape.BACKENDS, about, rows, listPage);
    }
    Map<Reference, Counts> received = context.attribution().received(wanted.resource());
    List<Row> rows =
        page.objects().stream()
            .map(object ->
                row(
                    new Reference(wanted.resource().kind(), object.namespace(), object.name()),
                    object.labels(),
                    received))
            .toList();
    return list(context, RowsTable.Shape.OBJECTS, about, rows, listPage);
  }

  private Answer one(Context context, ApiPath.Objects wanted) throws ApiException {
    Found found = find(context, wanted.resource(), wanted.namespace(), wanted.name());
    if (wanted.resource() == MetricsResource.TRAFFICSPLITS) {
      List<Row> rows =
          context
              .state()
              .split(new ObjectName(wanted.namespace(), wanted.name()))
              .map(split ->
                  backends(
                      context,
                      split,
                      new ObjectMetadata(wanted.namespace(), wanted.name(), found.labels())))
              .orElse(List.of());
      return list(context, RowsTable.Shape.BACKENDS, found.reference(), rows, ListPage.WHOLE);
    }
    Row row =
        row(found.reference(), found.labels(), context.attribution().received(wanted.resource()));
    return switch (context.representation()) {
      case Representation.Table(String version) ->
          warned(
              context,
              new RowsTable(context.json(), version)
                  .table(
                      RowsTable.Shape.OBJECTS,
                      List.of(row),
                      ListPage.WHOLE,
                      context.query().included()));
      case Representation.Plain _, Representation.AggregatedDiscovery _ ->
          warned(context, context.json().object(row));
    };
  }

  private Answer edges(ApiRequest request, ApiPath.Edges wanted)
      throws ApiException, InterruptedException {
    Context context = context(request, wanted.version(), wanted.resource());
    Found found = find(context, wanted.resource(), wanted.namespace(), wanted.name());
    List<Row> rows =
        context.attribution().edgesOf(wanted.resource(), found.reference()).entrySet().stream()
            .map(edge ->
                new Row(found.reference(), found.labels(), edge.getKey(), null, edge.getValue()))
            .toList();
    return list(context, RowsTable.Shape.EDGES, found.reference(), rows, ListPage.WHOLE);
  }

  /** An object that exists. */
  private record Found(Reference reference, Map<String, String> labels) {}

  private Found find(Context context, MetricsResource resource, String namespace, String name)
      throws ApiException {
    Optional<Found> found =
        resource == MetricsResource.TRAFFICMETRICS
            ? context.workloads().get(namespace, name).map(some -> new Found(some, Map.of()))
            : objects
                .get(resource, namespace, name)
                .map(object ->
                    new Found(new Reference(resource.kind(), namespace, name), object.labels()));
    return found.orElseThrow(() ->
        ApiException.notFound(
            resource.plural() + "." + ApiPath.GROUP + " \"" + name + "\" not found"));
  }

  private static Answer list(
      Context context, RowsTable.Shape shape, Reference about, List<Row> rows, ListPage page) {
    return switch (context.representation()) {
      case Representation.Table(String version) ->
          warned(
              context,
              new RowsTable(context.json(), version)
                  .table(shape, rows, page, context.query().included()));
      case Representation.Plain _, Representation.AggregatedDiscovery _ ->
          warned(context, context.json().list(about, rows, page));
    };
  }

  private static Answer warned(Context context, JsonNode body) {
    int silent = context.snapshot().silentReplicas();
    return silent == 0
        ? Answer.ok(body)
        : Answer.ok(body)
            .warning(
                silent
                    + " other replica(s) of the control plane did not answer;"
                    + " what was reported to them is missing here");
  }

  private static Row row(
      Reference object, Map<String, String> labels, Map<Reference, Counts> received) {
    boolean service = object.kind().equals(MetricsResource.SERVICES.kind());
    return new Row(
        object,
        labels,
        new RowEdge(
            RowEdge.Direction.FROM, service ? Side.CLIENT : Side.SERVER, Reference.ANYTHING),
        null,
        received.getOrDefault(object, Counts.NONE));
  }

  private static List<Row> backends(Context context, Split split, ObjectMetadata object) {
    Function<Row, Row> labelled =
        row -> new Row(row.resource(), object.labels(), row.edge(), row.backend(), row.counts());
    return context.attribution().backends(split).stream().map(labelled).toList();
  }
}
