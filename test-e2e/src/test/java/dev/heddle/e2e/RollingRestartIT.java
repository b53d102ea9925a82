package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A rolling restart of the destination loses no request, although the app stops listening the
 * moment it is asked to end.
 */
@MeshTest
class RollingRestartIT {

  private static TestNamespace shop;
  private static LoadGenerator client;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "restart");
    shop.apply(WebServer.manifest("web", "v1", 2) + "---\n" + WebServer.apex("web"));
    client = LoadGenerator.deploy(shop, "client");
    shop.awaitRollout("web-v1");
  }

  @AfterAll
  static void remove() {
    client.close();
    shop.close();
  }

  @Test
  void losesNoRequest() {
    List<LoadGenerator.Run> runs =
        Stream.of(
                Load.rate("http://web:8080/", "http1", 100),
                Load.rate("http://web:8080/", "h2c", 50),
                Load.rate("http://web:9090/", "grpc", 50))
            .map(client::start)
            .toList();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(runs).allMatch(run -> run.report().requests() > 100));

    shop.restart("web-v1");
    shop.restart("web-v1");

    for (LoadGenerator.Run run : runs) {
      LoadReport report = run.stop();
      assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
      assertThat(report.requests()).isGreaterThan(500);
    }
  }
}
