package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How Services, pods, accounts, splits and targets can lie to each other: the cases that Open
 * Service Mesh (its {@code tests/e2e}) and Traefik Mesh (its {@code integration} and {@code
 * pkg/topology/testdata}) test, on pods of ours. {@code docs/smi.md} says which case is which test.
 *
 * <p>The pods of versions v2 and v3 run by one account.
 */
@MeshTest
class SmiTopologiesIT {

  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);
  private static final int REQUESTS = 60;
  private static final String ALL = "{kind: HTTPRouteGroup, name: all}";

  private static TestNamespace shop;
  private static TestNamespace elsewhere;
  private static LoadGenerator client;
  private static LoadGenerator foreign;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "topology");
    elsewhere = TestNamespace.inMesh(mesh.kubernetes(), "topology-other");
    shop.apply(
        WebServer.manifest("web", "v1", 1)
            + "---\n"
            + WebServer.manifest("web", "v2", 1)
            + "---\n"
            + WebServer.manifest("web", "v3", 1, "web-v2")
            + "---\n"
            + WebServer.apex("web")
            + "---\n"
            + service("empty", "app: nobody", "{port: 8080}")
            + "---\n"
            + TrafficTargets.routeGroup("all", "{name: all, pathRegex: /}"));
    client = LoadGenerator.deploy(shop, "client");
    foreign = LoadGenerator.deploy(elsewhere, "client");
    for (String version : List.of("v1", "v2", "v3")) {
      shop.awaitRollout("web-" + version);
    }
  }

  @AfterAll
  static void remove() {
    client.close();
    foreign.close();
    shop.close();
    elsewhere.close();
  }

  @AfterEach
  void forget(Mesh mesh) {
    mesh.accessControl("permissive");
    for (String kind : List.of("TrafficSplit", "TrafficTarget")) {
      SmiObjects.Kind every = SmiObjects.kind(kind);
      shop.kubernetes()
          .genericKubernetesResources(every.group() + "/" + every.versions().getLast(), kind)
          .inNamespace(shop.name())
          .delete();
    }
    awaitVersions(client, "web-v1", Set.of("v1"));
    awaitVersions(foreign, "web-v1", Set.of("v1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"permissive", "enforced"})
  void clientsOfSeveralNamespacesReachEveryBackendOfARootWithoutPods(
      String accessControl, Mesh mesh) {
    grant("to-v1", "web-v1", "client", shop.name(), elsewhere.name());
    grant("to-v2", "web-v2", "client", shop.name(), elsewhere.name());
    mesh.accessControl(accessControl);
    split("several", "empty", Map.of("web-v1", 1, "web-v2", 1, "web-v3", 1));

    for (LoadGenerator from : List.of(client, foreign)) {
      awaitVersions(from, "empty", Set.of("v1", "v2", "v3"));
      assertThat(versions(from, "web-v3")).containsExactly(Map.entry("v3", REQUESTS));
    }
  }

  @Test
  void aTargetOfTheBackendsCommonAccountGrantsThemAll(Mesh mesh) {
    grant("to-v2", "web-v2", "client", shop.name());
    mesh.accessControl("enforced");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").refused());
    split("common", "empty", Map.of("web-v2", 50, "web-v3", 50));

    awaitVersions(client, "empty", Set.of("v2", "v3"));
    assertThat(ask(elsewhere, "empty", "/").refused()).as("an account without a target").isTrue();
  }

  @Test
  void aTargetOfTheRootsAccountGrantsNothingOfTheBackends(Mesh mesh) {
    split("away", "web-v1", Map.of("web-v2", 100));
    awaitVersions(client, "web-v1", Set.of("v2"));
    grant("to-v1", "web-v1", "client", shop.name());
    mesh.accessControl("enforced");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").refused());

    grant("to-v2", "web-v2", "client", shop.name());
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").served());
    assertThat(ask(shop, "web-v1", "/").version()).isEqualTo("v2");
  }

  @Test
  void theRootAmongItsBackendsIsItself() {
    split("self", "web-v1", Map.of("web-v1", 100));
    awaitVersions(client, "web-v1", Set.of("v1"));
    assertThat(greeting("web-v1")).startsWith("hello from v1");

    split("self", "web-v1", Map.of("web-v1", 0, "web-v2", 100));
    awaitVersions(client, "web-v1", Set.of("v2"));
    assertThat(greeting("web-v1")).startsWith("hello from v2");
    assertThat(versions(client, "web-v2")).containsExactly(Map.entry("v2", REQUESTS));

    split("self", "web-v1", Map.of("web-v1", 50, "web-v2", 50));
    awaitVersions(client, "web-v1", Set.of("v1", "v2"));
  }

  @Test
  void theRootsSelectorMayCoverTheBackendsPods() {
    awaitVersions(client, "web", Set.of("v1", "v2", "v3"));
    split("covered", "web", Map.of("web-v1", 50, "web-v2", 50));
    awaitVersions(client, "web", Set.of("v1", "v2"));
  }

  @Test
  void aBackendThatIsItselfARootIsNotFollowed() {
    split("outer", "web", Map.of("web-v1", 100));
    split("inner", "web-v1", Map.of("web-v2", 100));
    awaitVersions(client, "web-v1", Set.of("v2"));
    awaitVersions(client, "web", Set.of("v1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "%s.%s", "%s.%s.svc.cluster.local", "%s.%s.svc.cluster.local."})
  void aRootHasManyNames(String name) {
    split("named", name.formatted("empty", shop.name()), Map.of("web-v3", 1));
    awaitVersions(client, "empty", Set.of("v3"));
    awaitVersions(foreign, "empty", Set.of("v3"));
  }

  @Test
  void aRootThatIsNoServiceIsTold() {
    split("stray", "shop.example.com", Map.of("web-v1", 1));
    awaitEvent("TrafficSplit", "stray", "spec.service");
  }

  @Test
  void aHeadlessRootIsSplit() {
    shop.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: headless}
        spec:
          clusterIP: None
          selector: {app: web, version: v1}
          ports: [{name: web, port: 8080}, {name: greeter, port: 7070}]
        """);
    awaitVersions(client, "headless", Set.of("v1"));
    split("headless", "headless", Map.of("web-v2", 100));
    awaitVersions(client, "headless", Set.of("v2"));
    shop.delete(TrafficSplits.API_VERSION, "TrafficSplit", "headless");
    awaitVersions(client, "headless", Set.of("v1"));
    shop.delete("v1", "Service", "headless");
  }

  @Test
  void eachPortIsSplitOnItsOwnAndTheBackendsTargetPortCounts() {
    shop.apply(
        service("many", "app: nobody", "{name: a, port: 80, targetPort: 9}", "{name: b, port: 81}")
            + "---\n"
            + service(
                "many-v1",
                "app: web, version: v1",
                "{name: a, port: 80, targetPort: 8080}",
                "{name: b, port: 81, targetPort: 9090}")
            + "---\n"
            + service("many-v2", "app: web, version: v2", "{name: z, port: 80, targetPort: 8080}"));
    split("many", "many", Map.of("many-v1", 50, "many-v2", 50));

    awaitVersions(client, "http://many." + shop.name() + ":80/", "http1", Set.of("v1", "v2"));
    awaitVersions(client, "http://many." + shop.name() + ":81/", "grpc", Set.of("v1"));
    awaitEvent("TrafficSplit", "many", "spec.backends");
  }

  @Test
  void aNamedTargetPortIsEachPodsOwn() {
    shop.apply(
        mixed("a", ":8081", 8081)
            + "---\n"
            + mixed("b", "$(POD_IP):8082", 8082)
            + "---\n"
            + service("mixed", "app: mixed", "{port: 8080, targetPort: web}"));
    awaitReady("mixed", 2);
    awaitVersions(client, "mixed", Set.of("a", "b"));

    split("mixed", "empty", Map.of("mixed", 1));
    awaitVersions(client, "empty", Set.of("a", "b"));
  }

  @Test
  void severalServicesHaveOnePod() {
    shop.apply(
        service("second", "app: web, version: v1", "{port: 8080}")
            + "---\n"
            + service("third", "app: web, version: v1", "{port: 80, targetPort: 8080}"));
    split("second", "second", Map.of("web-v3", 1));

    awaitVersions(client, "second", Set.of("v3"));
    awaitVersions(client, "http://third." + shop.name() + ":80/", "http1", Set.of("v1"));
    awaitVersions(client, "web-v1", Set.of("v1"));
  }

  @Test
  void backendsComeAndGoAndNoRequestIsLost() {
    split("changing", "web", Map.of("web-v1", 50, "late", 50));
    awaitEvent("TrafficSplit", "changing", "spec.backends");
    awaitVersions(client, "web", Set.of("v1"));
    LoadGenerator.Run run =
        client.start(Load.rate("http://web:8080/", "http1", 100).withTimeout("60s"));

    shop.apply(service("late", "app: web, version: v3", "{port: 8080}"));
    awaitVersions(client, "web", Set.of("v1", "v3"));
    shop.delete("v1", "Service", "late");
    awaitVersions(client, "web", Set.of("v1"));
    split("changing", "web", Map.of("web-v2", 1));
    awaitVersions(client, "web", Set.of("v2"));
    shop.delete(TrafficSplits.API_VERSION, "TrafficSplit", "changing");
    awaitVersions(client, "web", Set.of("v1", "v2", "v3"));

    LoadReport report = run.stop();
    assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    assertThat(report.versions()).containsOnlyKeys("v1", "v2", "v3");
  }

  @Test
  void aBackendWithoutPodsIsLeftOutUntilItHasSomeAndNoRequestIsLost() {
    split("scaled", "web", Map.of("web-v1", 50, "web-v3", 50));
    awaitVersions(client, "web", Set.of("v1", "v3"));
    List<LoadGenerator.Run> runs =
        Stream.of(
                Load.rate("http://web:8080/", "http1", 100),
                Load.rate("http://web:8080/", "h2c", 100),
                Load.rate("http://web:9090/", "grpc", 100))
            .map(load -> client.start(load.withTimeout("60s")))
            .toList();

    scale("web-v3", 0);
    awaitVersions(client, "web", Set.of("v1"));
    scale("web-v3", 1);
    shop.awaitRollout("web-v3");
    awaitVersions(client, "web", Set.of("v1", "v3"));

    for (LoadGenerator.Run run : runs) {
      LoadReport report = run.stop();
      assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
      assertThat(report.versions()).containsOnlyKeys("v1", "v3");
    }
  }

  @Test
  void eachClientHasItsOwnPaths(Mesh mesh) {
    shop.apply(
        TrafficTargets.routeGroup(
            "paths", "{name: one, pathRegex: /one}", "{name: two, pathRegex: /two}"));
    target("one", "web-v1", "client", shop.name(), "one");
    target("two", "web-v1", "client", elsewhere.name(), "two");
    mesh.accessControl("enforced");

    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/two").refused());
    await().atMost(TAKES_EFFECT).until(() -> ask(elsewhere, "web-v1", "/one").refused());
    assertThat(ask(shop, "web-v1", "/one").served()).isTrue();
    assertThat(ask(elsewhere, "web-v1", "/two").served()).isTrue();

    shop.delete(TrafficTargets.API_VERSION, "TrafficTarget", "one");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/one").refused());
    assertThat(ask(elsewhere, "web-v1", "/two").served()).isTrue();
  }

  @Test
  void aClientMayHaveAServiceOfItsOwn(Mesh mesh) {
    grant("to-v1", "web-v1", "client", shop.name(), elsewhere.name());
    mesh.accessControl("enforced");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v2", "/").refused());
    assertThat(ask(shop, "web-v1", "/").served()).as("without a Service").isTrue();

    shop.apply(service("client", "app: client", "{port: 8090}"));
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").served());
    await().during(Duration.ofSeconds(1)).until(() -> ask(shop, "web-v1", "/").served());
    assertThat(ask(elsewhere, "web-v1", "/").served()).isTrue();
    shop.delete("v1", "Service", "client");
  }

  @Test
  void thePortOfAnOlderTargetLimitsIt(Mesh mesh) {
    mesh.accessControl("enforced");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").refused());

    shop.apply(olderTarget("port: 8080"));
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").served());
    assertThat(call().refused()).as("another port").isTrue();

    shop.apply(olderTarget("port: 4321"));
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").refused());
    assertThat(call().refused()).as("a port that the pods do not have").isTrue();

    shop.delete(TrafficTargets.API_VERSION, "TrafficTarget", "older");
    shop.apply(olderTarget(""));
    await().atMost(TAKES_EFFECT).until(() -> call().served());
    assertThat(ask(shop, "web-v1", "/").served()).isTrue();
  }

  @Test
  void aTargetWithoutRulesGrantsNothing(Mesh mesh) {
    mesh.accessControl("enforced");
    shop.apply(TrafficTargets.target("ruleless", "client", "web-v1"));
    awaitEvent("TrafficTarget", "ruleless", "spec.rules");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "web-v1", "/").refused());
    assertThatThrownBy(() -> greeting("web-v1")).isInstanceOf(AssertionError.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"permissive", "enforced"})
  void datagramsPassAsIfThereWereNoMesh(String accessControl, Mesh mesh) {
    String server = "datagrams-" + accessControl;
    mesh.accessControl(accessControl);
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> ask(shop, "web-v1", "/").refused() == accessControl.equals("enforced"));
    shop.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, labels: {app: %1$s}}
        spec:
          containers:
            - name: datagrams
              image: heddle-test-workload:0.1.0
              args: [datagrams]
              env: [{name: VERSION, value: udp}]
        ---
        """
                .formatted(server)
            + service(server, "app: " + server, "{port: 7072, protocol: UDP}"));
    awaitReady(server, 1);
    await()
        .atMost(TAKES_EFFECT)
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(() -> Probe.datagram(shop, "client", server + ":7072", "hello").equals("udp hello"));
  }

  private static void split(String name, String root, Map<String, Integer> weights) {
    shop.apply(TrafficSplits.split(name, root, new LinkedHashMap<>(weights)));
  }

  /** Every request, from the account of that name in each of the namespaces. */
  private static void grant(String name, String destination, String account, String... namespaces) {
    target(name, destination, account, List.of(namespaces), ALL);
  }

  private static void target(
      String name, String destination, String account, String namespace, String match) {
    target(
        name,
        destination,
        account,
        List.of(namespace),
        "{kind: HTTPRouteGroup, name: paths, matches: [" + match + "]}");
  }

  private static void target(
      String name, String destination, String account, List<String> namespaces, String rule) {
    List<String> sources =
        namespaces.stream()
            .map(namespace ->
                "{kind: ServiceAccount, name: " + account + ", namespace: " + namespace + "}")
            .toList();
    shop.apply(
        """
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: %s}
        spec:
          destination: {kind: ServiceAccount, name: %s, namespace: %s}
          sources: [%s]
          rules: [%s]
        """
            .formatted(name, destination, shop.name(), String.join(", ", sources), rule));
  }

  private static String olderTarget(String port) {
    return """
    apiVersion: access.smi-spec.io/v1alpha2
    kind: TrafficTarget
    metadata: {name: older}
    spec:
      destination: {kind: ServiceAccount, name: web-v1%s}
      sources: [{kind: ServiceAccount, name: client}]
      rules: [{kind: HTTPRouteGroup, name: all}]
    """
        .formatted(port.isEmpty() ? "" : ", " + port);
  }

  private static String service(String name, String selector, String... ports) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s}
    spec: {selector: {%s}, ports: [%s]}
    """
        .formatted(name, selector, String.join(", ", ports));
  }

  /** A pod whose port is named {@code web}. */
  private static String mixed(String version, String address, int port) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: mixed-%1$s, labels: {app: mixed}}
    spec:
      containers:
        - name: web
          image: heddle-test-workload:0.1.0
          args: [serve, -http, "%2$s"]
          env:
            - {name: VERSION, value: %1$s}
            - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
          ports: [{name: web, containerPort: %3$d}]
          readinessProbe: {httpGet: {path: /, port: web}, periodSeconds: 1}
    """
        .formatted(version, address, port);
  }

  private static void awaitReady(String app, int pods) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() ->
            shop.pods(app).stream()
                    .flatMap(pod -> pod.getStatus().getConditions().stream())
                    .filter(condition ->
                        condition.getType().equals("Ready") && condition.getStatus().equals("True"))
                    .count()
                == pods);
  }

  private static void scale(String deployment, int replicas) {
    shop.kubernetes()
        .apps()
        .deployments()
        .inNamespace(shop.name())
        .withName(deployment)
        .scale(replicas);
  }

  private static Probe.Answer ask(TestNamespace from, String service, String path) {
    return Probe.ask(
        from, "client", "http1", "http://" + service + "." + shop.name() + ":8080" + path);
  }

  private static Probe.Answer call() {
    return Probe.ask(shop, "client", "grpc", "http://web-v1:9090/");
  }

  private static String greeting(String service) {
    return Probe.connect(shop, "client", service + ":7070", 3).first();
  }

  /** Waits until exactly these versions answer. */
  private static void awaitVersions(LoadGenerator from, String service, Set<String> versions) {
    awaitVersions(from, "http://" + service + "." + shop.name() + ":8080/", "http1", versions);
  }

  private static void awaitVersions(
      LoadGenerator from, String url, String protocol, Set<String> versions) {
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(() -> {
          LoadReport report = ended(from.start(Load.requests(url, protocol, REQUESTS)));
          assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
          assertThat(report.versions()).as(url).containsOnlyKeys(versions);
        });
  }

  private static Map<String, Integer> versions(LoadGenerator from, String service) {
    LoadReport report =
        ended(
            from.start(
                Load.requests(
                    "http://" + service + "." + shop.name() + ":8080/", "http1", REQUESTS)));
    assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    return report.versions();
  }

  private static LoadReport ended(LoadGenerator.Run run) {
    await().atMost(Duration.ofSeconds(30)).until(() -> !run.report().running());
    return run.report();
  }

  private static void awaitEvent(String kind, String object, String message) {
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() ->
            assertThat(shop.events(kind, object))
                .anyMatch(event -> event.startsWith("NotHonoured") && event.contains(message)));
  }
}
