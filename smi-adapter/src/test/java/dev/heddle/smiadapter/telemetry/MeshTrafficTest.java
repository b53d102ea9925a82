package dev.heddle.smiadapter.telemetry;

import static dev.heddle.smiadapter.telemetry.SlidingWindowTest.client;
import static dev.heddle.smiadapter.telemetry.SlidingWindowTest.counts;
import static dev.heddle.smiadapter.telemetry.SlidingWindowTest.edge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.state.ObjectName;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Replicas that ask each other over real connections, without TLS: who calls is what the test says.
 */
final class MeshTrafficTest {

  private static final Duration SPAN = Duration.ofSeconds(30);
  private static final SpiffeId ADAPTER =
      SpiffeId.of("cluster.local", "heddle-system", "heddle-smi-adapter");
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T18:00:00Z"), ZoneOffset.UTC);

  private final AtomicLong nanos = new AtomicLong();
  private final SlidingWindow own = new SlidingWindow(() -> SPAN, 100, () -> 0);
  private final SlidingWindow others = new SlidingWindow(() -> SPAN, 5_000, () -> 0);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TelemetryMetrics metrics = new TelemetryMetrics(registry, own);
  private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
  private final Replicas replicas = new Replicas(() -> addresses, null, metrics);
  private final MeshTraffic traffic = new MeshTraffic(own, replicas, CLOCK, nanos::get);
  private volatile SpiffeId caller = ADAPTER;
  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new ReplicaWindow(others, ADAPTER, () -> caller, metrics))
            .build()
            .start();
    addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
  }

  @AfterEach
  void stop() {
    replicas.close();
    server.shutdownNow();
  }

  @Test
  void isWhatAllReplicasKnow() throws InterruptedException {
    Edge both = edge("web-1");
    Edge split =
        client(
            "client-1",
            new Party("shop", "web-v1", "Deployment", "web-v1-a"),
            new ObjectName("shop", "web-v1"),
            new ObjectName("shop", "web"));
    own.add(both, counts(10, 1), Duration.ZERO);
    others.add(both, counts(5, 2), Duration.ZERO);
    others.add(split, counts(7, 0), Duration.ZERO);

    MeshTraffic.Snapshot snapshot = traffic.read(SPAN);

    assertThat(snapshot.edges())
        .containsExactlyInAnyOrder(
            new EdgeTotals(both, counts(10, 1).plus(counts(5, 2))),
            new EdgeTotals(split, counts(7, 0)));
    assertThat(snapshot.silentReplicas()).isZero();
    assertThat(snapshot.at()).isEqualTo(CLOCK.instant());
  }

  @Test
  void takesAnyNumberOfEdgesInPieces() throws InterruptedException {
    for (int i = 0; i < 3_456; i++) {
      others.add(edge("web-" + i), counts(1, 0), Duration.ZERO);
    }

    assertThat(traffic.read(SPAN).edges()).hasSize(3_456);
  }

  @Test
  void asksAgainAfterASecondOnly() throws InterruptedException {
    own.add(edge("web-1"), counts(1, 0), Duration.ZERO);
    assertThat(traffic.read(SPAN).edges()).hasSize(1);
    own.add(edge("web-2"), counts(1, 0), Duration.ZERO);

    assertThat(traffic.read(SPAN).edges()).hasSize(1);
    assertThat(traffic.read(Duration.ofSeconds(5)).edges()).hasSize(2);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(traffic.read(SPAN).edges()).hasSize(2);
  }

  @Test
  void tellsThatAReplicaIsSilent() throws InterruptedException {
    own.add(edge("web-1"), counts(1, 0), Duration.ZERO);
    server.shutdownNow();

    MeshTraffic.Snapshot snapshot = traffic.read(SPAN);

    assertThat(snapshot.edges()).hasSize(1);
    assertThat(snapshot.silentReplicas()).isEqualTo(1);
    assertThat(registry.counter("heddle_telemetry_replica_failures").count()).isEqualTo(1);
  }

  @Test
  void nobodyButAReplicaIsTold() throws InterruptedException {
    others.add(edge("web-1"), counts(1, 0), Duration.ZERO);
    caller = SpiffeId.of("cluster.local", "shop", "web");

    MeshTraffic.Snapshot snapshot = traffic.read(SPAN);

    assertThat(snapshot.edges()).isEmpty();
    assertThat(snapshot.silentReplicas()).isEqualTo(1);
    assertThat(registry.counter("heddle_telemetry_refused", "reason", "account").count())
        .isEqualTo(1);
  }
}
