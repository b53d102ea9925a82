package dev.heddle.dataplane.telemetry.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Side;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class EdgeTableTest {

  private static final Cluster.Destination WEB_V1 = new Cluster.Destination("web-v1", "shop", 80);
  private static final String ROUTES = "outbound/shop/web:80";

  private final EdgeTable table = new EdgeTable();

  @Test
  void reportsWhatWasRecordedSinceTheLastTime() {
    record(pod("web-v1-a"), true, 1_000);
    record(pod("web-v1-a"), false, 2_000);
    record(pod("web-v1-b"), true, 3_000);

    List<EdgeReport> reports = table.take();

    assertThat(reports).hasSize(2);
    EdgeReport first =
        reports.stream()
            .filter(report -> report.getPeer().getPod().equals("web-v1-a"))
            .findFirst()
            .orElseThrow();
    assertThat(first.getSide()).isEqualTo(Side.SIDE_CLIENT);
    assertThat(first.getPeer().getWorkload()).isEqualTo("web-v1");
    assertThat(first.getPeer().getWorkloadKind()).isEqualTo("Deployment");
    assertThat(first.getPeer().getNamespace()).isEqualTo("shop");
    assertThat(first.getService().getName()).isEqualTo("web-v1");
    assertThat(first.getApex().getName()).isEqualTo("web");
    assertThat(first.getApex().getNamespace()).isEqualTo("shop");
    assertThat(first.getCounts().getSuccesses()).isEqualTo(1);
    assertThat(first.getCounts().getFailures()).isEqualTo(1);
    assertThat(LatencyHistogram.of(first.getCounts().getLatency()))
        .isEqualTo(LatencyHistogram.of(1_000, 2_000));
    assertThat(table.take()).isEmpty();
  }

  @Test
  void anEdgeOfAnIntervalTakesAFewHundredBytes() {
    for (int i = 0; i < 5_000; i++) {
      record(pod("web-v1-a"), true, 800 + i % 700 * (i % 13));
    }

    assertThat(table.take())
        .singleElement()
        .satisfies(report -> assertThat(report.getSerializedSize()).isLessThan(600));
  }

  @Test
  void hasRoomForANumberOfEdgesAndLosesNoRequest() {
    for (int i = 0; i < EdgeTable.MAX_EDGES + 100; i++) {
      record(pod("web-v1-" + i), true, 1_000);
    }

    List<EdgeReport> reports = table.take();

    assertThat(table.full()).isTrue();
    assertThat(table.size()).isEqualTo(EdgeTable.MAX_EDGES);
    assertThat(reports).hasSize(EdgeTable.MAX_EDGES + 1);
    assertThat(reports.stream().mapToLong(report -> report.getCounts().getSuccesses()).sum())
        .isEqualTo(EdgeTable.MAX_EDGES + 100);
    assertThat(reports.stream().filter(report -> !report.hasPeer())).hasSize(1);
  }

  @Test
  void forgetsEdgesWithoutTraffic() {
    for (int i = 0; i < EdgeTable.MAX_EDGES; i++) {
      record(pod("web-v1-" + i), true, 1_000);
    }
    record(pod("another"), true, 1_000);
    assertThat(table.full()).isTrue();

    for (int i = 0; i < 20; i++) {
      record(pod("web-v1-7"), true, 1_000);
      table.take();
    }

    assertThat(table.size()).isEqualTo(1);
    assertThat(table.full()).isFalse();
    record(pod("another"), true, 1_000);
    assertThat(table.take())
        .singleElement()
        .satisfies(report -> assertThat(report.getPeer().getPod()).isEqualTo("another"));
  }

  @Test
  void threadsThatRecordWhileOthersReportLoseNothing() throws Exception {
    int threads = 4;
    long each = 50_000;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> recording = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        recording.add(
            executor.submit(() -> {
              for (int i = 0; i < each; i++) {
                record(pod("web-v1-" + i % 40), i % 10 != 0, i % 5_000);
              }
            }));
      }
      List<EdgeReport> reports = new ArrayList<>();
      while (!recording.stream().allMatch(Future::isDone)) {
        reports.addAll(table.take());
      }
      for (Future<?> done : recording) {
        done.get();
      }
      reports.addAll(table.take());

      assertThat(reports.stream().mapToLong(report -> report.getCounts().getSuccesses()).sum())
          .isEqualTo(threads * each * 9 / 10);
      assertThat(reports.stream().mapToLong(report -> report.getCounts().getFailures()).sum())
          .isEqualTo(threads * each / 10);
      assertThat(
              reports.stream()
                  .flatMap(report -> report.getCounts().getLatency().getCountsList().stream())
                  .mapToLong(Long::longValue)
                  .sum())
          .isEqualTo(threads * each);
    }
  }

  @Test
  void allocatesNothingWhenWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Workload[] pods = {pod("web-v1-a"), pod("web-v1-b"), pod("web-v1-c")};
    long allocated = Long.MAX_VALUE;
    // The first rounds are interpreted, and the bean's own call allocates until it is compiled.
    for (int round = 0; round < 50 && allocated > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        record(pods[i % 3], i % 7 != 0, i % 3_000);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    assertThat(allocated).as("bytes for 10,000 requests").isLessThan(1_000);
  }

  @Test
  void readsTheServiceThatWasMeantFromTheNameOfItsRoutes() {
    assertThat(RouteNames.service("outbound/shop/web:8080"))
        .satisfies(service -> assertThat(service.getName()).isEqualTo("web"));
    assertThat(RouteNames.service("")).isNull();
    assertThat(RouteNames.service("web")).isNull();
    assertThat(RouteNames.service("outbound/shop/web/more:1")).isNull();
  }

  private void record(Workload peer, boolean success, long micros) {
    table.record(Side.SIDE_CLIENT, peer, WEB_V1, ROUTES, success, micros);
  }

  private static Workload pod(String name) {
    return new Workload("web-v1", "Deployment", "shop", "web", name, "web", "v1");
  }
}
