package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
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
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the SMI conformance suite of Layer5's learn-layer5 asserts, on pods of ours: its three
 * suites traffic-access, traffic-spec and traffic-split, in which app-a calls app-b, and app-svc
 * stands before app-b and app-c.
 */
@MeshTest
class SmiConformanceIT {

  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);
  private static final int REQUESTS = 50;

  private static TestNamespace apps;
  private static LoadGenerator a;
  private static AutoCloseable enforced;

  @BeforeAll
  static void deploy(Mesh mesh) {
    apps = TestNamespace.inMesh(mesh.kubernetes(), "conformance");
    apps.apply(
        WebServer.manifest("app", "b", 1)
            + "---\n"
            + WebServer.manifest("app", "c", 1)
            + "---\n"
            + WebServer.apex("app"));
    a = LoadGenerator.deploy(apps, "app-a");
    apps.awaitRollout("app-b");
    apps.awaitRollout("app-c");
    enforced = mesh.enforceAccess();
  }

  @AfterAll
  static void remove() throws Exception {
    enforced.close();
    a.close();
    apps.close();
  }

  @AfterEach
  void forget() {
    for (String target : List.of("a-to-b", "a-to-c")) {
      apps.delete(TrafficTargets.API_VERSION, "TrafficTarget", target);
    }
    apps.delete(TrafficTargets.ROUTES_API_VERSION, "TCPRoute", "any");
    apps.delete(TrafficTargets.ROUTES_API_VERSION, "HTTPRouteGroup", "routes");
    apps.delete(TrafficSplits.API_VERSION, "TrafficSplit", "app");
  }

  @Test
  void theKindHasItsNames() {
    var names =
        Objects.requireNonNull(
                apps.kubernetes()
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("traffictargets.access.smi-spec.io")
                    .get())
            .getSpec()
            .getNames();
    assertThat(names.getKind()).isEqualTo("TrafficTarget");
    assertThat(names.getShortNames()).contains("tt");
  }

  @Test
  void trafficAccess() {
    await().atMost(TAKES_EFFECT).until(() -> ask("/").refused());

    allowAnyTcp("a-to-b", "app-b");
    await().atMost(TAKES_EFFECT).until(() -> ask("/").served());
    assertThat(ask("/").version()).isEqualTo("b");

    apps.delete(TrafficTargets.API_VERSION, "TrafficTarget", "a-to-b");
    apps.delete(TrafficTargets.ROUTES_API_VERSION, "TCPRoute", "any");
    await().atMost(TAKES_EFFECT).until(() -> ask("/").refused());
  }

  @Test
  void trafficSpecByPath() {
    apps.apply(
        TrafficTargets.routeGroup("routes", "{name: path, pathRegex: /metrics, methods: ['*']}"));
    apps.apply(allowRoutes());

    await().atMost(TAKES_EFFECT).until(() -> ask("/metrics").served());
    assertThat(ask("/metrics", "-method", "DELETE").served()).isTrue();
    assertThat(ask("/echo").refused()).isTrue();
  }

  @Test
  void trafficSpecByMethod() {
    apps.apply(
        TrafficTargets.routeGroup("routes", "{name: method, pathRegex: '.*', methods: [GET]}"));
    apps.apply(allowRoutes());

    await().atMost(TAKES_EFFECT).until(() -> ask("/echo").served());
    assertThat(ask("/echo", "-method", "POST").refused()).isTrue();
  }

  @Test
  void trafficSplitWithoutASplit() {
    allowBoth();
    Map<String, Integer> answers = callApp();
    assertThat(answers.getOrDefault("b", 0)).isPositive();
    assertThat(answers.getOrDefault("c", 0)).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "0, 1"})
  void trafficSplitAllOrNothing(int b, int c) {
    allowBoth();
    split(b, c);
    String all = b > 0 ? "b" : "c";
    await().atMost(TAKES_EFFECT).until(() -> callApp().equals(Map.of(all, REQUESTS)));
    assertThat(callApp()).containsExactly(Map.entry(all, REQUESTS));
  }

  @ParameterizedTest
  @CsvSource({"75, 25", "25, 75"})
  void trafficSplitByWeight(int b, int c) {
    allowBoth();
    split(b, c);
    String more = b > c ? "b" : "c";
    String fewer = b > c ? "c" : "b";
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() -> {
          Map<String, Integer> answers = callApp();
          assertThat(answers.getOrDefault(more, 0)).isGreaterThan(answers.getOrDefault(fewer, 0));
          assertThat(answers.getOrDefault(fewer, 0)).isPositive();
        });
  }

  private static Probe.Answer ask(String path, String... more) {
    return Probe.ask(apps, "app-a", "http1", "http://app-b:8080" + path, more);
  }

  private static void allowBoth() {
    allowAnyTcp("a-to-b", "app-b");
    allowAnyTcp("a-to-c", "app-c");
    await().atMost(TAKES_EFFECT).until(() -> ask("/").served());
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> Probe.ask(apps, "app-a", "http1", "http://app-c:8080/").served());
  }

  private static void allowAnyTcp(String name, String destination) {
    apps.apply(TrafficTargets.ports("TCPRoute", "any", ""));
    apps.apply(TrafficTargets.target(name, "app-a", destination, "{kind: TCPRoute, name: any}"));
  }

  private static String allowRoutes() {
    return TrafficTargets.target(
        "a-to-b", "app-a", "app-b", "{kind: HTTPRouteGroup, name: routes}");
  }

  private static void split(int b, int c) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("app-b", b);
    weights.put("app-c", c);
    apps.apply(TrafficSplits.split("app", "app", weights));
  }

  /** Answers by version. */
  private static Map<String, Integer> callApp() {
    LoadGenerator.Run run = a.start(Load.requests("http://app:8080/", "http1", REQUESTS));
    await().atMost(Duration.ofSeconds(20)).until(() -> !run.report().running());
    LoadReport report = run.report();
    assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    return report.versions();
  }
}
