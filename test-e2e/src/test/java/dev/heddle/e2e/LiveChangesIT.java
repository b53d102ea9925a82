package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.ChangeTimes;
import dev.heddle.e2e.workload.ChangeTimes.Change;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights, rules and routes change again and again while requests of every protocol are under way:
 * the next request obeys, and none is lost that is granted before and after. The log tells how long
 * a change takes from its write to its effect.
 */
@MeshTest
class LiveChangesIT {

  private static final Logger LOG = LoggerFactory.getLogger(LiveChangesIT.class);
  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);

  /** A request that a busy machine holds up is not lost. */
  private static final String NEVER_ANSWERED = "60s";

  /** How exactly a change is timed; more requests would take the processor from what is timed. */
  private static final String NOTICED_WITHIN = "5ms";

  /** An even number, so that the last change leaves what was before the first. */
  private static final int CHANGES = 40;

  private static TestNamespace shop;
  private static LoadGenerator client;
  private static LoadGenerator prober;
  private static AutoCloseable enforced;

  private List<LoadGenerator.Run> steady = List.of();

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "live");
    shop.apply(
        WebServer.manifest("web", "v1", 1)
            + "---\n"
            + WebServer.manifest("web", "v2", 1)
            + "---\n"
            + WebServer.apex("web"));
    client = LoadGenerator.deploy(shop, "client");
    prober = LoadGenerator.deploy(shop, "prober");
    shop.awaitRollout("web-v1");
    shop.awaitRollout("web-v2");
    shop.apply(
        TrafficTargets.routeGroup("all", "{name: all, pathRegex: /}")
            + "---\n"
            + TrafficTargets.target(
                "client-v1", "client", "web-v1", "{kind: HTTPRouteGroup, name: all}")
            + "---\n"
            + TrafficTargets.target(
                "client-v2", "client", "web-v2", "{kind: HTTPRouteGroup, name: all}")
            + "---\n"
            + TrafficTargets.target(
                "prober-v2", "prober", "web-v2", "{kind: HTTPRouteGroup, name: all}"));
    enforced = mesh.enforceAccess();
  }

  @AfterAll
  static void remove() throws Exception {
    enforced.close();
    client.close();
    prober.close();
    shop.close();
  }

  /** Whatever the test before left. */
  @BeforeEach
  void grantWhatIsProbed() {
    routes("/probed");
    rules("kept", "probed");
    await()
        .atMost(TAKES_EFFECT)
        .until(() ->
            Probe.ask(shop, "prober", "http1", "http://web-v1:8080/elsewhere").refused()
                && Probe.ask(shop, "prober", "http1", "http://web-v1:8080/probed").served()
                && Probe.ask(shop, "client", "http1", "http://web-v2:8080/").served());
    startRequests();
  }

  private void startRequests() {
    steady =
        Stream.of(
                Load.rate("http://web:8080/", "http1", 50),
                Load.rate("http://web:8080/", "h2c", 50),
                Load.rate("http://web:9090/", "grpc", 50))
            .map(load -> client.start(load.withTimeout(NEVER_ANSWERED)))
            .toList();
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> steady.stream().allMatch(run -> run.report().requests() >= 50));
  }

  @AfterEach
  void noRequestIsLost() {
    for (LoadGenerator.Run run : steady) {
      LoadReport report = run.stop();
      assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
      assertThat(report.retries()).isZero();
      assertThat(report.requests()).isGreaterThan(200);
    }
  }

  @Test
  void weights() {
    split(100, 0);
    measured(
        "weights",
        "http://web:8080/kept",
        new Change() {
          @Override
          public void write(int number) {
            split(number % 2 == 0 ? 0 : 100, number % 2 == 0 ? 100 : 0);
          }

          @Override
          public boolean obeyed(int number, LoadGenerator.Event answer) {
            return (number % 2 == 0 ? "v2" : "v1").equals(answer.version());
          }
        });
    shop.delete(TrafficSplits.API_VERSION, "TrafficSplit", "web");
  }

  @Test
  void rulesOfATarget() {
    measured(
        "rules of a target",
        "http://web-v1:8080/probed",
        new Change() {
          @Override
          public void write(int number) {
            if (number % 2 == 0) {
              rules("kept");
            } else {
              rules("kept", "probed");
            }
          }

          @Override
          public boolean obeyed(int number, LoadGenerator.Event answer) {
            return refused(answer) == (number % 2 == 0);
          }
        });
  }

  @Test
  void matchesOfARouteGroup() {
    measured(
        "matches of a route group",
        "http://web-v1:8080/probed",
        new Change() {
          @Override
          public void write(int number) {
            routes(number % 2 == 0 ? "/elsewhere" : "/probed");
          }

          @Override
          public boolean obeyed(int number, LoadGenerator.Event answer) {
            return refused(answer) == (number % 2 == 0);
          }
        });
  }

  private static void measured(String what, String target, Change change) {
    LOG.info(
        "{}: {}",
        what,
        ChangeTimes.measure(
            prober,
            Load.incessant(target, "http1").withPause(NOTICED_WITHIN).withTimeout(NEVER_ANSWERED),
            change,
            CHANGES));
  }

  private static boolean refused(LoadGenerator.Event answer) {
    return "status 403".equals(answer.error());
  }

  private static void split(int v1, int v2) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("web-v1", v1);
    weights.put("web-v2", v2);
    shop.apply(TrafficSplits.split("web", "web", weights));
  }

  /** What the prober may send to v1: the matches of this name. */
  private static void rules(String... matches) {
    shop.apply(
        TrafficTargets.target(
            "prober-v1",
            "prober",
            "web-v1",
            "{kind: HTTPRouteGroup, name: routes, matches: [" + String.join(", ", matches) + "]}"));
  }

  private static void routes(String probed) {
    shop.apply(
        TrafficTargets.routeGroup(
            "routes",
            "{name: kept, pathRegex: /kept}",
            "{name: probed, pathRegex: " + probed + "}"));
  }
}
