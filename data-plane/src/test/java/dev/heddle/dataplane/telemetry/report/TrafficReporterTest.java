package dev.heddle.dataplane.telemetry.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficRequest;
import dev.heddle.meshapi.telemetry.v1.ReportTrafficResponse;
import dev.heddle.meshapi.telemetry.v1.Side;
import dev.heddle.meshapi.telemetry.v1.TelemetryGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reporter against a server that says what it is told to say. */
final class TrafficReporterTest {

  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Workload WEB =
      new Workload("web-v1", "Deployment", "shop", "web", "web-1", "web", "v1");
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

  private final ScriptedTelemetry telemetry = new ScriptedTelemetry();
  private final AtomicReference<@Nullable ManagedChannel> channel = new AtomicReference<>();
  private Server server;
  private TrafficReporter reporter;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(telemetry)
            .build()
            .start();
    channel.set(
        NettyChannelBuilder.forAddress(
                InetAddress.getLoopbackAddress().getHostAddress(), server.getPort())
            .usePlaintext()
            .build());
    reporter = TrafficReporter.start("client-1", channel::get, INTERVAL, new Random(1));
  }

  @AfterEach
  void stop() {
    reporter.close();
    ManagedChannel open = channel.get();
    if (open != null) {
      open.shutdownNow();
    }
    server.shutdownNow();
  }

  @Test
  void reportsRequestsOnBothSides() {
    request(TrafficDirection.OUTBOUND, 200, -1);
    request(TrafficDirection.OUTBOUND, 503, -1);
    request(TrafficDirection.INBOUND, 200, -1);

    await().atMost(PATIENCE).until(() -> telemetry.requests() == 3);

    List<EdgeReport> edges = telemetry.edges();
    assertThat(edges)
        .filteredOn(edge -> edge.getSide() == Side.SIDE_CLIENT)
        .allSatisfy(edge -> {
          assertThat(edge.getApex().getName()).isEqualTo("web");
          assertThat(edge.getService().getName()).isEqualTo("web-v1");
        });
    assertThat(edges)
        .filteredOn(edge -> edge.getSide() == Side.SIDE_SERVER)
        .singleElement()
        .satisfies(edge -> {
          assertThat(edge.hasService()).isFalse();
          assertThat(edge.getCounts().getSuccesses()).isEqualTo(1);
        });
    assertThat(edges.stream().mapToLong(edge -> edge.getCounts().getFailures()).sum()).isEqualTo(1);
    assertThat(telemetry.taken).allMatch(report -> report.getPod().equals("client-1"));
  }

  @Test
  void tellsServerErrorsFromOthers() {
    request(TrafficDirection.OUTBOUND, 200, 0);
    request(TrafficDirection.OUTBOUND, 200, 5); // NOT_FOUND
    request(TrafficDirection.OUTBOUND, 200, 14); // UNAVAILABLE
    request(TrafficDirection.OUTBOUND, 404, -1);
    request(TrafficDirection.OUTBOUND, 0, -1);

    await().atMost(PATIENCE).until(() -> telemetry.requests() == 5);

    assertThat(telemetry.edges().stream().mapToLong(edge -> edge.getCounts().getFailures()).sum())
        .isEqualTo(2);
  }

  @Test
  void sendsNothingWhileNothingHappens() {
    request(TrafficDirection.OUTBOUND, 200, -1);
    await().atMost(PATIENCE).until(() -> reporter.reports() == 1);
    request(TrafficDirection.OUTBOUND, 200, -1);
    await().atMost(PATIENCE).until(() -> reporter.reports() == 2);

    assertThat(telemetry.taken).hasSize(2).allMatch(report -> report.getEdgesCount() == 1);
  }

  @Test
  void whatWasNotTakenIsSentAgainInOrderAndTellsItsAge() {
    telemetry.answer(Status.UNAVAILABLE);
    request(TrafficDirection.OUTBOUND, 200, -1);
    await().atMost(PATIENCE).until(() -> telemetry.refused.size() >= 2);
    request(TrafficDirection.OUTBOUND, 200, -1);
    int refused = telemetry.refused.size();
    await().atMost(PATIENCE).until(() -> telemetry.refused.size() >= refused + 2);
    telemetry.answer(Status.OK);

    await().atMost(PATIENCE).until(() -> telemetry.requests() == 2);

    assertThat(telemetry.taken)
        .extracting(ReportTrafficRequest::getSequence)
        .containsExactly(1L, 2L);
    assertThat(telemetry.taken.getFirst().getEndedMillisAgo()).isPositive();
    assertThat(telemetry.refused).extracting(ReportTrafficRequest::getSequence).containsOnly(1L);
    assertThat(reporter.lostRequests()).isZero();
  }

  @Test
  void whatIsRefusedForGoodIsNotSentAgain() {
    telemetry.answer(Status.PERMISSION_DENIED);
    request(TrafficDirection.OUTBOUND, 200, -1);
    await().atMost(PATIENCE).until(() -> reporter.lostRequests() == 1);

    telemetry.answer(Status.OK);
    request(TrafficDirection.OUTBOUND, 200, -1);

    await().atMost(PATIENCE).until(() -> telemetry.requests() == 1);
    assertThat(telemetry.refused).hasSize(1);
  }

  @Test
  void keepsABoundedNumberOfReports() {
    ManagedChannel away = channel.getAndSet(null);
    await()
        .atMost(PATIENCE)
        .pollInterval(INTERVAL)
        .until(() -> {
          request(TrafficDirection.OUTBOUND, 200, -1);
          return reporter.lostRequests() > 0;
        });
    channel.set(away);

    await().atMost(PATIENCE).until(() -> reporter.reports() >= TrafficReporter.MAX_UNSENT);
    assertThat(telemetry.taken.getFirst().getSequence()).isGreaterThan(1);
  }

  @Test
  void sendsWhatThereIsBeforeItEnds() {
    TrafficReporter slow =
        TrafficReporter.start("client-2", channel::get, Duration.ofHours(1), new Random(1));
    slow.observer().requestFinished(report(TrafficDirection.OUTBOUND, 200, -1));

    slow.close();

    assertThat(telemetry.requests()).isEqualTo(1);
  }

  private void request(TrafficDirection direction, int status, int grpcStatus) {
    reporter.observer().requestFinished(report(direction, status, grpcStatus));
  }

  private static RequestReport report(TrafficDirection direction, int status, int grpcStatus) {
    FilterChain chain =
        new FilterChain(
            "http",
            FilterChainMatch.ANY,
            null,
            new TerminalFilter.HttpConnectionManager(
                "web",
                TerminalFilter.Codec.AUTO,
                new TerminalFilter.RouteSource.Named("outbound/shop/web:80"),
                List.of(),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO));
    Listener listener =
        new Listener(
            "outbound/10.0.0.1:80",
            ADDRESS,
            direction,
            false,
            false,
            false,
            false,
            List.of(),
            chain);
    return new RequestReport(
        new ConnectionContext(listener, chain, ADDRESS, ADDRESS, null, false),
        HttpProtocol.HTTP1,
        grpcStatus >= 0,
        "GET",
        "web",
        "/",
        status,
        grpcStatus,
        null,
        direction == TrafficDirection.OUTBOUND
            ? new Cluster.Destination("web-v1", "shop", 80)
            : null,
        WEB,
        ADDRESS,
        true,
        0,
        200,
        0,
        TimeUnit.MILLISECONDS.toNanos(3),
        1,
        null);
  }

  /** Takes or refuses, and remembers. */
  private static final class ScriptedTelemetry extends TelemetryGrpc.TelemetryImplBase {
    private final List<ReportTrafficRequest> taken = new CopyOnWriteArrayList<>();
    private final List<ReportTrafficRequest> refused = new CopyOnWriteArrayList<>();
    private volatile Status answer = Status.OK;

    void answer(Status next) {
      answer = next;
    }

    long requests() {
      return edges().stream()
          .mapToLong(edge -> edge.getCounts().getSuccesses() + edge.getCounts().getFailures())
          .sum();
    }

    List<EdgeReport> edges() {
      return taken.stream().flatMap(report -> report.getEdgesList().stream()).toList();
    }

    @Override
    public void reportTraffic(
        ReportTrafficRequest request, StreamObserver<ReportTrafficResponse> response) {
      Status now = answer;
      if (now.isOk()) {
        taken.add(request);
        response.onNext(ReportTrafficResponse.getDefaultInstance());
        response.onCompleted();
      } else {
        refused.add(request);
        response.onError(now.asRuntimeException());
      }
    }
  }
}
