package dev.heddle.smiadapter.telemetry;

import static dev.heddle.smiadapter.telemetry.SlidingWindowTest.counts;
import static dev.heddle.smiadapter.telemetry.SlidingWindowTest.edge;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.identity.CallerIdentity;
import dev.heddle.meshapi.identity.MeshTls;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.meshapi.telemetry.v1.Counts;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Peer;
import dev.heddle.meshapi.telemetry.v1.ReadWindowRequest;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficRequest;
import dev.heddle.meshapi.telemetry.v1.TelemetryGrpc;
import dev.heddle.meshapi.telemetry.v1.TelemetryReplicaGrpc;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import dev.heddle.smiadapter.xds.ResourceStore;
import dev.heddle.smiadapter.xds.XdsLimits;
import dev.heddle.smiadapter.xds.XdsMetrics;
import dev.heddle.smiadapter.xds.XdsServer;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Reports and replicas over the adapter's own server with the mesh's mutual TLS: who calls is what
 * a certificate says.
 */
final class TelemetryWireTest {

  private static final Duration SPAN = Duration.ofSeconds(30);
  private static final SpiffeId ADAPTER =
      SpiffeId.of("cluster.local", "heddle-system", "heddle-smi-adapter");
  private static final SpiffeId WEB = SpiffeId.of("cluster.local", "shop", "web");
  private static final SpiffeId CART = SpiffeId.of("cluster.local", "shop", "cart");
  private static final ObjectName POD = new ObjectName("shop", "web-1");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private WorkloadAuthority authority;
  private Replica one;
  private Replica other;

  /** A replica of the adapter as far as traffic goes. */
  private final class Replica {
    private final SlidingWindow window = new SlidingWindow(() -> SPAN, 100, () -> 0);
    private final TelemetryMetrics metrics = new TelemetryMetrics(registry, window);
    private final XdsServer server;

    Replica() throws Exception {
      var identity = authority.workload(ADAPTER);
      ResourceStore store = new ResourceStore();
      Map<ObjectName, Workload> pods =
          Map.of(
              POD,
              new Workload(
                  POD, "web", true, AddressFamily.IPV4, "web", "Deployment", "", "", List.of()));
      server =
          XdsServer.start(
              0,
              MeshTls.server(() -> Optional.of(identity), "cluster.local"),
              store,
              XdsLimits.DEFAULT,
              new XdsMetrics(new SimpleMeterRegistry(), store),
              (resources, message) -> {},
              List.of(
                  new ReportReceiver(
                      pod -> Optional.ofNullable(pods.get(pod)),
                      CallerIdentity::current,
                      window,
                      metrics),
                  new ReplicaWindow(window, ADAPTER, CallerIdentity::current, metrics)));
    }

    InetSocketAddress address() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    }
  }

  @BeforeEach
  void start() throws Exception {
    authority = new WorkloadAuthority();
    one = new Replica();
    other = new Replica();
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    one.server.close();
    other.server.close();
  }

  @Test
  void aReportCountsForThePodOfTheCertificate() throws Exception {
    report(one, WEB);

    assertThat(one.window.read(SPAN))
        .singleElement()
        .satisfies(edge -> {
          assertThat(edge.edge().reporter())
              .isEqualTo(new Party("shop", "web", "Deployment", "web-1"));
          assertThat(edge.counts().successes()).isEqualTo(2);
        });
  }

  @Test
  void nobodyReportsForThePodOfAnotherAccount() {
    assertCode(() -> report(one, CART), Status.Code.PERMISSION_DENIED);

    assertThat(one.window.size()).isZero();
  }

  @Test
  void nobodyReportsWithoutACertificateOfTheMesh() throws Exception {
    WorkloadAuthority strangers = new WorkloadAuthority();
    var stranger = strangers.workloadTrusting(WEB, authority);

    assertCode(
        () ->
            TelemetryGrpc.newBlockingStub(
                    channel(one, MeshTls.client(() -> Optional.of(stranger), ADAPTER)))
                .reportTraffic(request()),
        Status.Code.UNAVAILABLE);

    assertThat(one.window.size()).isZero();
  }

  @Test
  void eachReplicaAnswersForAll() throws Exception {
    one.window.add(edge("a"), counts(1, 0), Duration.ZERO);
    other.window.add(edge("b"), counts(2, 0), Duration.ZERO);
    var identity = authority.workload(ADAPTER);

    try (Replicas others =
        new Replicas(
            () -> List.of(other.address()),
            MeshTls.client(() -> Optional.of(identity), ADAPTER),
            one.metrics)) {
      Replicas.Gathered gathered = others.gather(SPAN);

      assertThat(gathered.silent()).isEmpty();
      assertThat(gathered.edges()).containsExactly(new EdgeTotals(edge("b"), counts(2, 0)));
    }
  }

  @Test
  void onlyTheControlPlaneReadsAWindow() {
    assertCode(
        () ->
            TelemetryReplicaGrpc.newBlockingStub(channel(one, WEB))
                .readWindow(ReadWindowRequest.newBuilder().setSpanMillis(30_000).build())
                .hasNext(),
        Status.Code.PERMISSION_DENIED);
  }

  /** A call whose answer does not matter. */
  @FunctionalInterface
  private interface Call {
    Object run() throws Exception;
  }

  private static void assertCode(Call call, Status.Code code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code));
  }

  private Object report(Replica to, SpiffeId caller) throws Exception {
    return TelemetryGrpc.newBlockingStub(channel(to, caller)).reportTraffic(request());
  }

  private static ReportTrafficRequest request() {
    return ReportTrafficRequest.newBuilder()
        .setPod("web-1")
        .setProcess(42)
        .setSequence(1)
        .addEdges(
            EdgeReport.newBuilder()
                .setSide(dev.heddle.meshapi.telemetry.v1.Side.SIDE_SERVER)
                .setPeer(Peer.newBuilder().setNamespace("shop").setWorkload("client"))
                .setCounts(
                    Counts.newBuilder()
                        .setSuccesses(2)
                        .setLatency(LatencyHistogram.of(1_000, 2_000).toMessage())))
        .build();
  }

  private ManagedChannel channel(Replica to, SpiffeId caller) throws Exception {
    var identity = authority.workload(caller);
    return channel(to, MeshTls.client(() -> Optional.of(identity), ADAPTER));
  }

  private ManagedChannel channel(Replica to, SslContext tls) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(to.address())
            .proxyDetector(_ -> null)
            .sslContext(tls)
            .build();
    channels.add(channel);
    return channel;
  }
}
