package dev.heddle.smiadapter.aggregated;

import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Availability;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Endpoint;
import dev.heddle.smiadapter.state.EndpointGroup;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.state.Workload;
import dev.heddle.smiadapter.telemetry.Counts;
import dev.heddle.smiadapter.telemetry.Edge;
import dev.heddle.smiadapter.telemetry.MeshTraffic;
import dev.heddle.smiadapter.telemetry.Party;
import dev.heddle.smiadapter.telemetry.Replicas;
import dev.heddle.smiadapter.telemetry.Side;
import dev.heddle.smiadapter.telemetry.SlidingWindow;
import dev.heddle.smiadapter.telemetry.TelemetryMetrics;
import dev.heddle.smiadapter.trafficmetrics.MetricsResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shop: {@code client} calls {@code web}, which is split into {@code web-v1} and {@code web-v2};
 * {@code idle} has a proxy and no traffic, {@code plain} has no proxy.
 */
final class TestCluster implements ObjectSource {

  private static final Duration SPAN = Duration.ofSeconds(30);
  private static final String HASH = "-6b5f9c7d4-";

  private final Map<MetricsResource, List<ObjectMetadata>> objects =
      new EnumMap<>(MetricsResource.class);
  private final SlidingWindow window = new SlidingWindow(() -> SPAN, 1_000, () -> 0);
  private final MeshState state;
  private final MeshTraffic traffic;

  TestCluster() {
    TelemetryMetrics metrics = new TelemetryMetrics(new SimpleMeterRegistry(), window);
    this.traffic =
        new MeshTraffic(
            window,
            new Replicas(() -> List.of(), null, metrics),
            Clock.fixed(Instant.parse("2026-11-21T18:00:00.123Z"), ZoneOffset.UTC),
            System::nanoTime);
    objects.put(
        MetricsResource.NAMESPACES, List.of(object("", "shop", ""), object("", "other", "")));
    objects.put(MetricsResource.NODES, List.of(object("", "node-1", ""), object("", "node-2", "")));
    objects.put(
        MetricsResource.PODS,
        Stream.of("client", "web-v1", "web-v2", "idle", "plain")
            .map(name -> object("shop", pod(name), name.startsWith("web") ? "web" : name))
            .toList());
    objects.put(
        MetricsResource.DEPLOYMENTS,
        Stream.of("client", "web-v1", "web-v2", "idle")
            .map(name -> object("shop", name, name.startsWith("web") ? "web" : name))
            .toList());
    objects.put(MetricsResource.REPLICASETS, List.of(object("shop", "web-v1-6b5f9c7d4", "web")));
    objects.put(
        MetricsResource.SERVICES,
        Stream.of("web", "web-v1", "web-v2").map(name -> object("shop", name, "")).toList());
    objects.put(MetricsResource.TRAFFICSPLITS, List.of(object("shop", "web-rollout", "")));
    this.state = state();
    fill();
  }

  MeshState meshState() {
    return state;
  }

  MeshTraffic traffic() {
    return traffic;
  }

  @Override
  public Page list(MetricsResource resource, String namespace, Selection selection)
      throws ApiException {
    if (selection.labelSelector().startsWith("!!")) {
      throw ApiException.badRequest("unable to parse requirement: " + selection.labelSelector());
    }
    if (selection.next().equals("old")) {
      throw new ApiException(410, "Expired", "The provided continue parameter is too old");
    }
    List<ObjectMetadata> found =
        objects.getOrDefault(resource, List.of()).stream()
            .filter(object -> namespace.isEmpty() || object.namespace().equals(namespace))
            .filter(object ->
                selection.labelSelector().isEmpty()
                    || selection
                        .labelSelector()
                        .equals("app=" + object.labels().getOrDefault("app", "")))
            .filter(object ->
                selection.fieldSelector().isEmpty()
                    || selection.fieldSelector().equals("metadata.name=" + object.name()))
            .toList();
    int from = selection.next().isEmpty() ? 0 : Integer.parseInt(selection.next());
    int to =
        selection.limit() == 0
            ? found.size()
            : (int) Math.min(found.size(), from + selection.limit());
    return to == found.size()
        ? new Page(found.subList(from, to), "", null)
        : new Page(found.subList(from, to), Integer.toString(to), (long) found.size() - to);
  }

  @Override
  public Optional<ObjectMetadata> get(MetricsResource resource, String namespace, String name) {
    return objects.getOrDefault(resource, List.of()).stream()
        .filter(object -> object.namespace().equals(namespace) && object.name().equals(name))
        .findFirst();
  }

  private static MeshState state() {
    MeshState state = MeshState.empty(new MeshSettings("cluster.local", AccessControl.PERMISSIVE));
    for (String name : List.of("client", "web-v1", "web-v2", "idle", "plain")) {
      ObjectName pod = name("shop", pod(name));
      state =
          state.apply(
              new Change.WorkloadChange(
                  pod,
                  new Workload(
                      pod,
                      name,
                      !name.equals("plain"),
                      AddressFamily.IPV4,
                      name,
                      "Deployment",
                      name,
                      "",
                      List.of())));
    }
    for (String version : List.of("v1", "v2")) {
      ObjectName service = name("shop", "web-" + version);
      state =
          state
              .apply(new Change.ServiceChange(service, new Service(service, List.of(), List.of())))
              .apply(
                  new Change.EndpointGroupChange(
                      name("shop", "web-" + version + "-slice"),
                      new EndpointGroup(
                          name("shop", "web-" + version + "-slice"),
                          service,
                          AddressFamily.IPV4,
                          Map.of("http", 80),
                          List.of(
                              new Endpoint(
                                  "10.0.0.1",
                                  Availability.READY,
                                  name("shop", pod("web-" + version)),
                                  version.equals("v1") ? "node-1" : "node-2",
                                  null)))));
    }
    return state.apply(
        new Change.SplitChange(
            name("shop", "web-rollout"),
            new Split(
                new ObjectReference(
                    "split.smi-spec.io/v1alpha4",
                    "TrafficSplit",
                    name("shop", "web-rollout"),
                    "uid"),
                name("shop", "web"),
                "spec.service",
                List.of(
                    new WeightedBackend(name("shop", "web-v1"), 90, "spec.backends[0]"),
                    new WeightedBackend(name("shop", "web-v2"), 10, "spec.backends[1]")),
                List.of(),
                Instant.EPOCH)));
  }

  private void fill() {
    Counts first = counts(267, 3, 1_200, 90);
    Counts second = counts(30, 0, 20_000, 400);
    Party client = party("client");
    ObjectName apex = name("shop", "web");
    add(Side.CLIENT, client, party("web-v1"), name("shop", "web-v1"), apex, first);
    add(Side.CLIENT, client, party("web-v2"), name("shop", "web-v2"), apex, second);
    Party known = new Party("shop", "client", "", "");
    add(Side.SERVER, party("web-v1"), known, null, null, first);
    add(Side.SERVER, party("web-v2"), known, null, null, second);
    add(Side.SERVER, party("web-v2"), Party.UNKNOWN, null, null, counts(2, 1, 5_000, 1));
  }

  private void add(
      Side side,
      Party reporter,
      Party peer,
      @Nullable ObjectName service,
      @Nullable ObjectName apex,
      Counts counts) {
    window.add(new Edge(side, reporter, peer, service, apex), counts, Duration.ZERO);
  }

  private static Counts counts(int successes, int failures, long base, long step) {
    long[] latencies = new long[successes + failures];
    Arrays.setAll(latencies, i -> base + i * step);
    return new Counts(successes, failures, LatencyHistogram.of(latencies));
  }

  private static Party party(String workload) {
    return new Party("shop", workload, "Deployment", pod(workload));
  }

  private static String pod(String workload) {
    return workload + HASH + "abcde";
  }

  private static ObjectName name(String namespace, String name) {
    return new ObjectName(namespace, name);
  }

  private static ObjectMetadata object(String namespace, String name, String app) {
    return new ObjectMetadata(namespace, name, app.isEmpty() ? Map.of() : Map.of("app", app));
  }
}
