package dev.heddle.smiadapter.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Peer;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficRequest;
import dev.heddle.meshapi.telemetry.v1.SparseHistogram;
import dev.heddle.meshapi.telemetry.v1.TelemetryGrpc;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReportReceiverTest {

  private static final Duration SPAN = Duration.ofSeconds(30);
  private static final ObjectName WEB = new ObjectName("shop", "web-1");
  private static final ObjectName OTHER = new ObjectName("shop", "cart-1");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final SlidingWindow window = new SlidingWindow(() -> SPAN, 3, () -> 0);
  private volatile SpiffeId caller = SpiffeId.of("cluster.local", "shop", "web");
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    Map<ObjectName, Workload> pods =
        Map.of(WEB, workload(WEB, "web", "web-deployment"), OTHER, workload(OTHER, "cart", "cart"));
    String name = InProcessServerBuilder.generateName();
    server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(
                new ReportReceiver(
                    pod -> Optional.ofNullable(pods.get(pod)),
                    () -> caller,
                    window,
                    new TelemetryMetrics(registry, window)))
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void takesWhatAPodSaysOfItself() {
    report(request("web-1", 1).addEdges(served(3)));

    assertThat(window.read(SPAN))
        .containsExactly(
            new EdgeTotals(
                new Edge(
                    Side.SERVER,
                    // What the API server says, not the proxy.
                    new Party("shop", "web-deployment", "Deployment", "web-1"),
                    new Party("shop", "client", "", ""),
                    null,
                    null),
                new Counts(3, 0, LatencyHistogram.of(1_000, 1_000, 1_000))));
  }

  @Test
  void refusesWhatAPodSaysOfAnother() {
    assertThatThrownBy(() -> report(request("cart-1", 1).addEdges(served(3))))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo(
                      "pod: shop/cart-1 (expected: a pod of the caller,"
                          + " spiffe://cluster.local/ns/shop/sa/web)");
            });
    assertThat(window.size()).isZero();
    assertThat(registry.counter("heddle_telemetry_refused", "reason", "account").count())
        .isEqualTo(1);
  }

  @Test
  void theNamespaceIsThatOfTheCertificate() {
    caller = SpiffeId.of("cluster.local", "elsewhere", "web");

    assertThatThrownBy(() -> report(request("web-1", 1).addEdges(served(3))))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    assertThat(window.size()).isZero();
    assertThat(registry.counter("heddle_telemetry_refused", "reason", "pod").count()).isEqualTo(1);
  }

  @Test
  void countsNothingTwice() {
    report(request("web-1", 1).addEdges(served(3)));
    report(request("web-1", 1).addEdges(served(3)));
    report(request("web-1", 2).addEdges(served(2)));
    report(request("web-1", 1).setProcess(43).addEdges(served(1)));

    assertThat(window.read(SPAN))
        .singleElement()
        .satisfies(edge -> assertThat(edge.counts().successes()).isEqualTo(6));
    assertThat(registry.counter("heddle_telemetry_repeated").count()).isEqualTo(1);
    assertThat(registry.counter("heddle_telemetry_reports").count()).isEqualTo(3);
  }

  @Test
  void refusesWhatBreaksTheBounds() {
    List<EdgeReport.Builder> wrong =
        List.of(
            EdgeReport.newBuilder(),
            served(1).setPeer(Peer.newBuilder().setWorkload("x".repeat(254))),
            edit(1, -1, 1),
            edit(2_000_000_000, 5, 1),
            edit(1, 5, 0));

    for (EdgeReport.Builder edge : wrong) {
      assertThatThrownBy(() -> report(request("web-1", 1).addEdges(edge)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                assertThat(e.getStatus().getDescription()).contains("(expected: ");
              });
    }
    ReportTrafficRequest.Builder many = request("web-1", 1);
    for (int i = 0; i <= 2_048; i++) {
      many.addEdges(served(1));
    }
    assertThatThrownBy(() -> report(many)).hasMessageContaining("edges: 2049 (expected: <= 2048)");
    assertThat(window.size()).isZero();
    assertThat(registry.counter("heddle_telemetry_refused", "reason", "invalid").count())
        .isEqualTo(wrong.size() + 1.0);
  }

  @Test
  void tellsWhenThereIsNoRoom() {
    ReportTrafficRequest.Builder request = request("web-1", 1);
    for (int i = 0; i < 5; i++) {
      request.addEdges(served(1).setPeer(Peer.newBuilder().setWorkload("client-" + i)));
    }

    report(request);

    assertThat(window.size()).isEqualTo(3);
    assertThat(registry.counter("heddle_telemetry_dropped_edges").count()).isEqualTo(2);
  }

  private void report(ReportTrafficRequest.Builder request) {
    var ignored = TelemetryGrpc.newBlockingStub(channel).reportTraffic(request.build());
    assertThat(ignored).isNotNull();
  }

  private static ReportTrafficRequest.Builder request(String pod, long sequence) {
    return ReportTrafficRequest.newBuilder().setPod(pod).setProcess(42).setSequence(sequence);
  }

  private static EdgeReport.Builder served(int requests) {
    long[] latencies = new long[requests];
    Arrays.fill(latencies, 1_000);
    return edge(requests, LatencyHistogram.of(latencies).toMessage());
  }

  private static EdgeReport.Builder edit(long successes, int bucket, long count) {
    return edge(
        successes, SparseHistogram.newBuilder().addBuckets(bucket).addCounts(count).build());
  }

  private static EdgeReport.Builder edge(long successes, SparseHistogram latency) {
    return EdgeReport.newBuilder()
        .setSide(dev.heddle.meshapi.telemetry.v1.Side.SIDE_SERVER)
        .setPeer(Peer.newBuilder().setNamespace("shop").setWorkload("client"))
        .setCounts(
            dev.heddle.meshapi.telemetry.v1.Counts.newBuilder()
                .setSuccesses(successes)
                .setLatency(latency));
  }

  private static Workload workload(ObjectName pod, String account, String owner) {
    return new Workload(
        pod, account, true, AddressFamily.IPV4, owner, "Deployment", "", "", List.of());
  }
}
