package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TrafficSplit decides, per request and for every protocol, and changes without losing one. */
@MeshTest
class TrafficSplitIT {

  private static TestNamespace shop;
  private static LoadGenerator client;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "split");
    shop.apply(
        WebServer.manifest("web", "v1", 1)
            + "---\n"
            + WebServer.manifest("web", "v2", 1)
            + "---\n"
            + WebServer.apex("web"));
    client = LoadGenerator.deploy(shop, "client");
    shop.awaitRollout("web-v1");
    shop.awaitRollout("web-v2");
  }

  @AfterAll
  static void remove() {
    client.close();
    shop.close();
  }

  @BeforeEach
  void ninetyToTen() {
    weights(90, 10);
    awaitShare(10);
  }

  @ParameterizedTest
  @CsvSource({"http1, 8080", "h2c, 8080", "grpc, 9090"})
  void sharesFollowTheWeights(String protocol, int port) {
    LoadGenerator.Run run = client.start(Load.requests("http://web:" + port + "/", protocol, 2000));
    await().atMost(Duration.ofMinutes(1)).until(() -> !run.report().running());

    LoadReport report = run.report();
    assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    assertThat(report.requests()).isEqualTo(2000);
    assertThat(report.share("v2")).as("share of v2").isCloseTo(10, within(3.0));
  }

  @ParameterizedTest
  @CsvSource({"http1, 8080", "h2c, 8080", "grpc, 9090"})
  void newWeightsHoldWithinASecondAndNoRequestFails(String protocol, int port) {
    LoadGenerator.Run run = client.start(Load.rate("http://web:" + port + "/", protocol, 200));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(run.report().requests()).isGreaterThan(400));

    weights(10, 90);
    long changed = client.now();
    long settled = changed + 1_000_000;
    await().atMost(Duration.ofSeconds(30)).until(() -> run.since(settled).requests() >= 1600);

    LoadReport after = run.since(settled);
    LoadReport whole = run.stop();
    assertThat(whole.failures()).as("failures: %s", whole.errors()).isZero();
    assertThat(whole.retries())
        .as("requests that the client's HTTP library had to send again")
        .isZero();
    assertThat(after.share("v2"))
        .as("share of v2 a second after the change")
        .isCloseTo(90, within(3.0));
  }

  @Test
  void weightZeroGetsNothing() {
    weights(0, 100);
    awaitShare(100);

    LoadGenerator.Run run = client.start(Load.requests("http://web:8080/", "http1", 1000));
    await().atMost(Duration.ofMinutes(1)).until(() -> !run.report().running());
    assertThat(run.report().versions()).containsExactly(Map.entry("v2", 1000));
  }

  private static void weights(int v1, int v2) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("web-v1", v1);
    weights.put("web-v2", v2);
    shop.apply(TrafficSplits.split("web", "web", weights));
  }

  /**
   * The first split of a service and the client's first request take longer than a change of
   * weights.
   */
  private static void awaitShare(double percent) {
    await("share of v2 " + percent)
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          LoadGenerator.Run run = client.start(Load.requests("http://web:8080/", "http1", 200));
          await().atMost(Duration.ofSeconds(10)).until(() -> !run.report().running());
          assertThat(run.report().share("v2")).isCloseTo(percent, within(9.0));
        });
  }
}
