package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whether access is enforced can change while requests are under way: on connections that stay
 * open, what is granted loses nothing, and what is not granted stops and begins again.
 */
@MeshTest
class AccessControlSwitchIT {

  private static final int SWITCHES = 3;
  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);

  private static TestNamespace shop;
  private static LoadGenerator granted;
  private static LoadGenerator refused;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "switch");
    shop.apply(WebServer.manifest("web", "v1", 2));
    granted = LoadGenerator.deploy(shop, "granted");
    refused = LoadGenerator.deploy(shop, "refused");
    shop.awaitRollout("web-v1");
    shop.apply(TrafficTargets.routeGroup("routes", "{name: any, pathRegex: /}"));
    shop.apply(
        TrafficTargets.target("web", "granted", "web-v1", "{kind: HTTPRouteGroup, name: routes}"));
  }

  @AfterAll
  static void remove(Mesh mesh) {
    mesh.accessControl("permissive");
    granted.close();
    refused.close();
    shop.close();
  }

  @ParameterizedTest
  @CsvSource({"http1, 8080", "h2c, 8080", "grpc, 9090"})
  void whatIsGrantedLosesNothing(String protocol, int port, Mesh mesh) {
    String target = "http://web-v1:" + port + "/";
    LoadGenerator.Run good = granted.start(Load.rate(target, protocol, 200));
    LoadGenerator.Run bad = refused.start(Load.rate(target, protocol, 50));
    try {
      for (int i = 0; i < SWITCHES; i++) {
        mesh.accessControl("enforced");
        awaitRecent(bad, refused, true);
        mesh.accessControl("permissive");
        awaitRecent(bad, refused, false);
      }
    } finally {
      mesh.accessControl("permissive");
    }
    bad.stop();
    LoadReport whole = good.stop();
    assertThat(whole.requests()).isGreaterThan(400);
    assertThat(whole.failures()).as("failures: %s", whole.errors()).isZero();
    assertThat(whole.retries()).isZero();
  }

  /** Waits for a stretch of requests that all fail, or all succeed. */
  private static void awaitRecent(LoadGenerator.Run run, LoadGenerator generator, boolean failing) {
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> {
          long since = generator.now();
          await().atMost(Duration.ofSeconds(5)).until(() -> run.since(since).requests() >= 25);
          LoadReport recent = run.since(since);
          return recent.failures() == (failing ? recent.requests() : 0);
        });
  }
}
