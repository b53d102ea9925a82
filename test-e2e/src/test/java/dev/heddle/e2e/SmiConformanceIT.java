package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.SmiObjects;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionNames;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The 24 steps of the SMI conformance suite of Layer5's learn-layer5 ({@code
 * smi-conformance/test-gen/test-yamls}), each under its number in the suites traffic-access,
 * traffic-spec and traffic-split, on pods of ours: app-a calls app-b, and app-svc, here {@code
 * app}, stands before app-b and app-c. As there, each step goes on from where the one before it has
 * left the cluster.
 */
@MeshTest
@TestMethodOrder(MethodOrderer.MethodName.class)
class SmiConformanceIT {

  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);
  private static final int REQUESTS = 50;

  private static TestNamespace apps;
  private static LoadGenerator a;
  private static AutoCloseable enforced;

  @BeforeAll
  static void deploy(Mesh mesh) {
    enforced = mesh.enforceAccess();
    apps = TestNamespace.inMesh(mesh.kubernetes(), "conformance");
    apps.apply(
        WebServer.manifest("app", "b", 1)
            + "---\n"
            + WebServer.manifest("app", "c", 1)
            + "---\n"
            + WebServer.apex("app"));
    a = LoadGenerator.deploy(apps, "app-a");
  }

  @AfterAll
  static void remove() throws Exception {
    enforced.close();
    a.close();
    apps.close();
  }

  @Test
  void access01TheKindTrafficTargetIsDefined() {
    CustomResourceDefinitionNames names = names("TrafficTarget");
    assertThat(names.getPlural()).isEqualTo("traffictargets");
    assertThat(names.getShortNames()).contains("tt");
  }

  @Test
  void access02TheAppsAreDeployed() {
    awaitApps();
  }

  @Test
  void access03ByDefaultTheCallFails() {
    await().atMost(TAKES_EFFECT).until(() -> ask("/").refused());
  }

  @Test
  void access04ATargetAllowsAToCallB() {
    allowAnyTcp("a-to-b", "app-b");
    assertThat(apps.get(TrafficTargets.API_VERSION, "TrafficTarget", "a-to-b")).isNotNull();
    assertThat(apps.get(TrafficTargets.ROUTES_API_VERSION, "TCPRoute", "any")).isNotNull();
  }

  @Test
  void access05TheCallSucceedsOnceAndBSeesWhoCalled(Mesh mesh) {
    double before = callsSeenByB(mesh);
    await().atMost(TAKES_EFFECT).until(() -> ask("/").served());
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() -> assertThat(callsSeenByB(mesh) - before).isEqualTo(1));
  }

  @Test
  void access06TheTargetIsDeleted() {
    apps.delete(TrafficTargets.API_VERSION, "TrafficTarget", "a-to-b");
    apps.delete(TrafficTargets.ROUTES_API_VERSION, "TCPRoute", "any");
    for (String kind : List.of("TrafficTarget", "TCPRoute")) {
      SmiObjects.Kind deleted = SmiObjects.kind(kind);
      String apiVersion = deleted.group() + "/" + deleted.versions().getLast();
      await()
          .atMost(TAKES_EFFECT)
          .until(() ->
              apps.kubernetes()
                  .genericKubernetesResources(apiVersion, kind)
                  .inNamespace(apps.name())
                  .list()
                  .getItems()
                  .isEmpty());
    }
  }

  @Test
  void access07TheCallFailsAgain() {
    await().atMost(TAKES_EFFECT).until(() -> ask("/").refused());
  }

  @Test
  void spec01TheKindHttpRouteGroupIsDefined() {
    CustomResourceDefinitionNames names = names("HTTPRouteGroup");
    assertThat(names.getPlural()).isEqualTo("httproutegroups");
    assertThat(names.getShortNames()).contains("htr");
  }

  @Test
  void spec02TheAppsAreDeployed() {
    awaitApps();
  }

  @Test
  void spec03ARouteGroupAllowsOnePathWithAnyMethod() {
    apps.apply(
        TrafficTargets.routeGroup("routes", "{name: path, pathRegex: /metrics, methods: ['*']}"));
    apps.apply(
        TrafficTargets.target("a-to-b", "app-a", "app-b", "{kind: HTTPRouteGroup, name: routes}"));
  }

  @Test
  void spec04ThatPathIsAnsweredAndNoOther() {
    await().atMost(TAKES_EFFECT).until(() -> ask("/metrics").served());
    assertThat(ask("/metrics", "-method", "DELETE").served()).isTrue();
    assertThat(ask("/echo").refused()).isTrue();
  }

  @Test
  void spec05TheRouteGroupAllowsAnyPathWithOneMethod() {
    apps.apply(
        TrafficTargets.routeGroup("routes", "{name: method, pathRegex: '.*', methods: [GET]}"));
  }

  @Test
  void spec06ThatMethodIsAnsweredAndNoOther() {
    await().atMost(TAKES_EFFECT).until(() -> ask("/echo").served());
    assertThat(ask("/metrics").served()).isTrue();
    assertThat(ask("/echo", "-method", "POST").refused()).isTrue();
  }

  @Test
  void split01TheKindTrafficSplitIsDefined() {
    CustomResourceDefinitionNames names = names("TrafficSplit");
    assertThat(names.getPlural()).isEqualTo("trafficsplits");
    assertThat(names.getShortNames()).contains("ts");
  }

  @Test
  void split02TheAppsAreDeployed() {
    awaitApps();
    allowAnyTcp("a-to-b", "app-b");
    allowAnyTcp("a-to-c", "app-c");
    await().atMost(TAKES_EFFECT).until(() -> ask("/", "-method", "POST").served());
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> Probe.ask(apps, "app-a", "http1", "http://app-c:8080/").served());
  }

  @Test
  void split03WithoutASplitBothAnswer() {
    Map<String, Integer> answers = callApp();
    assertThat(answers.getOrDefault("b", 0)).isPositive();
    assertThat(answers.getOrDefault("c", 0)).isPositive();
  }

  @Test
  void split04EverythingIsToGoToB() {
    split(1, 0);
  }

  @Test
  void split05EverythingGoesToB() {
    everythingGoesTo("b");
  }

  @Test
  void split06EverythingIsToGoToC() {
    split(0, 1);
  }

  @Test
  void split07EverythingGoesToC() {
    everythingGoesTo("c");
  }

  @Test
  void split08ThreeQuartersAreToGoToB() {
    split(75, 25);
  }

  @Test
  void split09MoreGoesToB() {
    moreGoesTo("b", "c");
  }

  @Test
  void split10ThreeQuartersAreToGoToC() {
    split(25, 75);
  }

  @Test
  void split11MoreGoesToC() {
    moreGoesTo("c", "b");
  }

  private static void awaitApps() {
    for (String app : List.of("app-a", "app-b", "app-c")) {
      apps.awaitRollout(app);
    }
  }

  private static CustomResourceDefinitionNames names(String kind) {
    CustomResourceDefinitionNames names =
        Objects.requireNonNull(
                apps.kubernetes()
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(SmiObjects.kind(kind).definition())
                    .get())
            .getSpec()
            .getNames();
    assertThat(names.getKind()).isEqualTo(kind);
    return names;
  }

  /** Calls that app-b's proxy let pass, whose caller has shown to be app-a. */
  private static double callsSeenByB(Mesh mesh) {
    return mesh.metrics(
            apps.pods("app").stream()
                .filter(pod -> "b".equals(pod.getMetadata().getLabels().get("version")))
                .findFirst()
                .orElseThrow())
        .sum(
            "istio_requests_total",
            Map.of(
                "reporter",
                "destination",
                "source_principal",
                "spiffe://cluster.local/ns/" + apps.name() + "/sa/app-a",
                "response_code",
                "200"));
  }

  private static Probe.Answer ask(String path, String... more) {
    return Probe.ask(apps, "app-a", "http1", "http://app-b:8080" + path, more);
  }

  private static void allowAnyTcp(String name, String destination) {
    apps.apply(TrafficTargets.ports("TCPRoute", "any", ""));
    apps.apply(TrafficTargets.target(name, "app-a", destination, "{kind: TCPRoute, name: any}"));
  }

  private static void split(int b, int c) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("app-b", b);
    weights.put("app-c", c);
    apps.apply(TrafficSplits.split("app", "app", weights));
  }

  private static void everythingGoesTo(String version) {
    await().atMost(TAKES_EFFECT).until(() -> callApp().equals(Map.of(version, REQUESTS)));
    assertThat(callApp()).containsExactly(Map.entry(version, REQUESTS));
  }

  private static void moreGoesTo(String more, String fewer) {
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() -> {
          Map<String, Integer> answers = callApp();
          assertThat(answers.getOrDefault(more, 0)).isGreaterThan(answers.getOrDefault(fewer, 0));
          assertThat(answers.getOrDefault(fewer, 0)).isPositive();
        });
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
