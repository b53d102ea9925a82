package dev.heddle.smiadapter.trafficmetrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.Split;
import dev.heddle.smiadapter.state.WeightedBackend;
import dev.heddle.smiadapter.telemetry.Counts;
import dev.heddle.smiadapter.telemetry.Edge;
import dev.heddle.smiadapter.telemetry.EdgeTotals;
import dev.heddle.smiadapter.telemetry.Party;
import dev.heddle.smiadapter.telemetry.Side;
import dev.heddle.smiadapter.trafficmetrics.RowEdge.Direction;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AttributionTest {

  private static final ObjectName WEB = new ObjectName("shop", "web");
  private static final ObjectName CANARY = new ObjectName("shop", "web-canary");
  private static final Party CLIENT = party("client", "Job", "client-x7x7x");
  private static final Party WEB_1 = party("web", "Deployment", "web-5d4f-aaaaa");
  private static final Party WEB_2 = party("web", "Deployment", "web-7c9b-bbbbb");
  private static final Party DATABASE = party("db", "StatefulSet", "db-0");

  @Test
  void aPodsTrafficIsThatOfAllItBelongsTo() {
    Attribution attribution =
        of(served(WEB_1, 5), served(WEB_2, 7), served(DATABASE, 11), called(WEB_1, WEB, WEB, 100));

    assertThat(requests(attribution, MetricsResource.PODS))
        .isEqualTo(Map.of("shop/web-5d4f-aaaaa", 5L, "shop/web-7c9b-bbbbb", 7L, "shop/db-0", 11L));
    assertThat(requests(attribution, MetricsResource.REPLICASETS))
        .isEqualTo(Map.of("shop/web-5d4f", 5L, "shop/web-7c9b", 7L));
    assertThat(requests(attribution, MetricsResource.DEPLOYMENTS))
        .isEqualTo(Map.of("shop/web", 12L));
    assertThat(requests(attribution, MetricsResource.STATEFULSETS))
        .isEqualTo(Map.of("shop/db", 11L));
    assertThat(requests(attribution, MetricsResource.JOBS)).isEmpty();
    assertThat(requests(attribution, MetricsResource.NAMESPACES)).isEqualTo(Map.of("/shop", 23L));
    assertThat(requests(attribution, MetricsResource.NODES))
        .isEqualTo(Map.of("/node-of-db-0", 11L));
    assertThat(requests(attribution, MetricsResource.TRAFFICMETRICS))
        .isEqualTo(Map.of("shop/web", 12L, "shop/db", 11L));
  }

  @Test
  void aServiceHasWhatWasMeantForItAndWhatItGot() {
    Attribution attribution =
        of(
            called(WEB_1, WEB, WEB, 90),
            called(WEB_2, CANARY, WEB, 10),
            called(WEB_2, CANARY, CANARY, 3));

    assertThat(requests(attribution, MetricsResource.SERVICES))
        .isEqualTo(Map.of("shop/web", 100L, "shop/web-canary", 13L));
  }

  @Test
  void aSplitHasOnlyWhatWasMeantForItsApex() {
    Split split =
        new Split(
            new ObjectReference("split.smi-spec.io/v1alpha4", "TrafficSplit", WEB, "uid"),
            WEB,
            "spec.service",
            List.of(
                // The apex as its own backend.
                new WeightedBackend(WEB, 9, "spec.backends[0]"),
                new WeightedBackend(CANARY, 1, "spec.backends[1]"),
                new WeightedBackend(new ObjectName("shop", "web-next"), 0, "spec.backends[2]")),
            List.of(),
            Instant.EPOCH);
    Attribution attribution =
        of(
            called(WEB_1, WEB, WEB, 90),
            called(WEB_2, CANARY, WEB, 10),
            called(WEB_2, CANARY, CANARY, 3));

    assertThat(attribution.backends(split))
        .extracting(row -> row.backend() + " " + row.counts().requests())
        .containsExactly(
            "Backend[apex=web, name=web, weight=9] 90",
            "Backend[apex=web, name=web-canary, weight=1] 10",
            "Backend[apex=web, name=web-next, weight=0] 0");
  }

  @Test
  void edgesAreSeenFromBothEnds() {
    Attribution attribution =
        of(
            called(WEB_1, WEB, WEB, 90),
            called(Party.UNKNOWN, WEB, WEB, 2),
            served(WEB_1, 90),
            new EdgeTotals(new Edge(Side.SERVER, WEB_1, Party.UNKNOWN, null, null), counts(4)));

    assertThat(attribution.edgesOf(MetricsResource.JOBS, new Reference("Job", "shop", "client")))
        .isEqualTo(
            Map.of(
                new RowEdge(Direction.TO, Side.CLIENT, new Reference("Deployment", "shop", "web")),
                counts(90),
                // No endpoint got these.
                new RowEdge(Direction.TO, Side.CLIENT, new Reference("Service", "shop", "web")),
                counts(2)));
    assertThat(
            attribution.edgesOf(
                MetricsResource.DEPLOYMENTS, new Reference("Deployment", "shop", "web")))
        .isEqualTo(
            Map.of(
                new RowEdge(Direction.FROM, Side.CLIENT, new Reference("Job", "shop", "client")),
                counts(90),
                new RowEdge(Direction.FROM, Side.SERVER, Reference.ANYTHING),
                counts(4)));
    assertThat(
            attribution.edgesOf(MetricsResource.SERVICES, new Reference("Service", "shop", "web")))
        .isEqualTo(
            Map.of(
                new RowEdge(Direction.FROM, Side.CLIENT, new Reference("Job", "shop", "client")),
                counts(90).plus(counts(2))));
  }

  private static Map<String, Long> requests(Attribution attribution, MetricsResource resource) {
    Map<String, Long> requests = new HashMap<>();
    attribution
        .received(resource)
        .forEach((object, counts) ->
            requests.put(object.namespace() + "/" + object.name(), counts.requests()));
    return requests;
  }

  private static Attribution of(EdgeTotals... edges) {
    return new Attribution(
        List.of(edges),
        pod -> pod.name().equals("db-0") ? Optional.of("node-of-" + pod.name()) : Optional.empty());
  }

  private static EdgeTotals served(Party server, long requests) {
    return new EdgeTotals(
        new Edge(Side.SERVER, server, new Party("shop", "client", "", ""), null, null),
        counts(requests));
  }

  private static EdgeTotals called(
      Party server, @Nullable ObjectName service, @Nullable ObjectName apex, long requests) {
    return new EdgeTotals(new Edge(Side.CLIENT, CLIENT, server, service, apex), counts(requests));
  }

  private static Counts counts(long requests) {
    return new Counts(requests, 0, LatencyHistogram.EMPTY);
  }

  private static Party party(String workload, String kind, String pod) {
    return new Party("shop", workload, kind, pod);
  }
}
