package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where access is enforced, a TrafficTarget grants exactly what it says, to exactly whom. */
@MeshTest
class TrafficTargetIT {

  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);
  private static final String ROUTES = "{kind: HTTPRouteGroup, name: routes}";
  private static final String PORTS = "{kind: TCPRoute, name: ports}";

  private static TestNamespace shop;
  private static TestNamespace elsewhere;
  private static TestNamespace plain;
  private static LoadGenerator client;
  private static LoadGenerator other;
  private static LoadGenerator foreign;
  private static LoadGenerator outsider;
  private static AutoCloseable enforced;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "target");
    elsewhere = TestNamespace.inMesh(mesh.kubernetes(), "target-other");
    plain = TestNamespace.outsideMesh(mesh.kubernetes(), "target-plain");
    shop.apply(WebServer.manifest("web", "v1", 1));
    client = LoadGenerator.deploy(shop, "client");
    other = LoadGenerator.deploy(shop, "other");
    foreign = LoadGenerator.deploy(elsewhere, "client");
    outsider = LoadGenerator.deploy(plain, "client");
    shop.awaitRollout("web-v1");
    enforced = mesh.enforceAccess();
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "client", "http1", "/").refused());
  }

  @AfterAll
  static void remove() throws Exception {
    enforced.close();
    for (LoadGenerator generator : List.of(client, other, foreign, outsider)) {
      generator.close();
    }
    for (TestNamespace namespace : List.of(shop, elsewhere, plain)) {
      namespace.close();
    }
  }

  @AfterEach
  void forget() {
    shop.delete(TrafficTargets.API_VERSION, "TrafficTarget", "web");
    elsewhere.delete(TrafficTargets.API_VERSION, "TrafficTarget", "web");
    shop.delete(TrafficTargets.ROUTES_API_VERSION, "HTTPRouteGroup", "routes");
    shop.delete(TrafficTargets.ROUTES_API_VERSION, "TCPRoute", "ports");
    shop.delete(TrafficTargets.ROUTES_API_VERSION, "UDPRoute", "datagrams");
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "client", "http1", "/").refused());
  }

  @ParameterizedTest
  @CsvSource({"http1", "h2c"})
  void requestsAreGrantedByPathMethodAndHeader(String protocol) {
    shop.apply(
        TrafficTargets.routeGroup(
            "routes",
            "{name: read, pathRegex: '/status/2.*', methods: [GET, HEAD]}",
            "{name: beta, pathRegex: /bytes, headers: {stage: 'beta|canary'}}",
            "{name: old-shape, pathRegex: /delay, headers: [{stage: beta}, {agent: '.*Fox.*'}]}"));
    shop.apply(TrafficTargets.target("web", "client", "web-v1", ROUTES));

    await()
        .atMost(TAKES_EFFECT)
        .until(() -> ask(shop, "client", protocol, "/status/200?x=/secret").served());
    assertThat(ask(shop, "client", protocol, "/status/404").refused()).as("other path").isTrue();
    assertThat(ask(shop, "client", protocol, "/x/status/200").refused())
        .as("not at start")
        .isTrue();
    assertThat(ask(shop, "client", protocol, "/?/status/200").refused()).as("in query").isTrue();
    assertThat(ask(shop, "client", protocol, "/status/200", "-method", "POST").refused()).isTrue();
    assertThat(ask(shop, "client", protocol, "/bytes/1", "-header", "Stage: canary").served())
        .isTrue();
    assertThat(ask(shop, "client", protocol, "/bytes/1", "-header", "Stage: canary2").refused())
        .as("a header's value is matched as a whole")
        .isTrue();
    assertThat(ask(shop, "client", protocol, "/bytes/1").refused()).as("no header").isTrue();
    assertThat(
            ask(
                    shop,
                    "client",
                    protocol,
                    "/delay/1ms",
                    "-header",
                    "Stage: beta",
                    "-header",
                    "Agent: SeaFox/1")
                .served())
        .as("both headers")
        .isTrue();
    assertThat(ask(shop, "client", protocol, "/delay/1ms", "-header", "Stage: beta").refused())
        .as("one of two headers")
        .isTrue();
    assertThat(ask(shop, "other", protocol, "/status/200").refused()).as("other account").isTrue();
    assertThat(ask(elsewhere, "client", protocol, "/status/200").refused())
        .as("account of the same name elsewhere")
        .isTrue();
    assertThat(ask(plain, "client", protocol, "/status/200").refused())
        .as("client without identity")
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({"http1, 8080", "h2c, 8080", "grpc, 9090"})
  void aMatchNeedsAllItsHeadersAndOneMatchIsEnough(String protocol, int port) {
    shop.apply(
        TrafficTargets.routeGroup(
            "routes",
            "{name: both, headers: {stage: 'beta|canary', agent: '.*Fox.*'}}",
            "{name: team, headers: [{team: blue}]}",
            "{name: path, pathRegex: '/status|/heddle.test.Echo/Unary', headers: {team: red}}"));
    shop.apply(TrafficTargets.target("web", "client", "web-v1", ROUTES));

    await().atMost(TAKES_EFFECT).until(() -> asked(protocol, port, "Team: blue").served());
    assertThat(asked(protocol, port, "Stage: beta", "Agent: SeaFox/1").served()).isTrue();
    assertThat(asked(protocol, port, "Stage: canary", "Agent: SeaFox/1", "Team: green").served())
        .as("one of three matches")
        .isTrue();
    assertThat(asked(protocol, port, "Team: red").served()).as("path and header").isTrue();

    assertThat(asked(protocol, port).refused()).as("no header").isTrue();
    assertThat(asked(protocol, port, "Stage: beta").refused()).as("one of two headers").isTrue();
    assertThat(asked(protocol, port, "Agent: SeaFox/1").refused()).as("the other").isTrue();
    assertThat(asked(protocol, port, "Stage: alpha", "Agent: SeaFox/1").refused())
        .as("one of two values")
        .isTrue();
    assertThat(asked(protocol, port, "Team: bluebird").refused()).as("not as a whole").isTrue();
    assertThat(
            Probe.ask(
                    shop,
                    "client",
                    protocol.equals("grpc") ? "grpc-stream" : protocol,
                    "http://" + server(port) + "/other",
                    "-header",
                    "Team: red")
                .refused())
        .as("the header on another path")
        .isTrue();
  }

  @Test
  void callsOfGrpcAreGrantedByPath() {
    shop.apply(
        TrafficTargets.routeGroup("routes", "{name: unary, pathRegex: /heddle.test.Echo/Unary}"));
    shop.apply(TrafficTargets.target("web", "client", "web-v1", ROUTES));

    await().atMost(TAKES_EFFECT).until(() -> call("grpc").served());
    assertThat(call("grpc-stream").refused()).isTrue();
  }

  @Test
  void portsLimitRequestsAndStreams() {
    shop.apply(TrafficTargets.ports("TCPRoute", "ports", "7070, 9090"));
    shop.apply(TrafficTargets.target("web", "client", "web-v1", PORTS));

    await().atMost(TAKES_EFFECT).until(() -> call("grpc").served());
    assertThat(ask(shop, "client", "http1", "/").refused()).as("another port").isTrue();
    assertThat(Probe.connect(shop, "client", server(7070), 1).first()).startsWith("hello");
    assertThatThrownBy(() -> Probe.connectAndSend(shop, "client", server(7071), 1, "hi"))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> Probe.connect(plain, "client", server(7070), 1))
        .as("client without identity")
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void portsAndRoutesLimitTogether() {
    shop.apply(TrafficTargets.ports("TCPRoute", "ports", "8080"));
    shop.apply(
        TrafficTargets.routeGroup(
            "routes", "{name: read, pathRegex: /status}", "{name: any, pathRegex: /}"));
    shop.apply(
        TrafficTargets.target(
            "web",
            "client",
            "web-v1",
            PORTS,
            "{kind: HTTPRouteGroup, name: routes, matches: [read]}"));

    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "client", "http1", "/status/200").served());
    assertThat(ask(shop, "client", "http1", "/").refused()).as("a match not named").isTrue();
    assertThat(call("grpc").refused()).as("another port").isTrue();
    assertThatThrownBy(() -> Probe.connect(shop, "client", server(7070), 1))
        .as("bytes, where requests are granted")
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void severalSourcesOfSeveralNamespaces() {
    shop.apply(TrafficTargets.ports("TCPRoute", "ports", ""));
    shop.apply(
        """
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: web}
        spec:
          destination: {kind: ServiceAccount, name: web-v1}
          sources:
            - {kind: ServiceAccount, name: client}
            - {kind: ServiceAccount, name: client, namespace: %s}
          rules: [{kind: TCPRoute, name: ports}]
        """
            .formatted(elsewhere.name()));

    await().atMost(TAKES_EFFECT).until(() -> ask(elsewhere, "client", "http1", "/").served());
    assertThat(ask(shop, "client", "http1", "/").served()).isTrue();
    assertThat(ask(shop, "other", "http1", "/").refused()).isTrue();
  }

  @Test
  void nobodyGrantsThemselvesAccessFromAnotherNamespace() {
    elsewhere.apply(TrafficTargets.ports("TCPRoute", "ports", ""));
    String target =
        """
        apiVersion: access.smi-spec.io/v1alpha3
        kind: TrafficTarget
        metadata: {name: web}
        spec:
          destination: {kind: ServiceAccount, name: web-v1, namespace: %s}
          sources: [{kind: ServiceAccount, name: client}]
          rules: [{kind: TCPRoute, name: ports}]
        """
            .formatted(shop.name());

    assertThatThrownBy(() -> elsewhere.apply(target))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("spec.destination.namespace");
    assertThat(ask(elsewhere, "client", "http1", "/").refused()).isTrue();
  }

  @Test
  void whatIsMissingGrantsNothingAndIsTold() {
    shop.apply(TrafficTargets.routeGroup("routes", "{name: any, pathRegex: /}"));
    shop.apply(TrafficTargets.target("web", "client", "web-v1", ROUTES, PORTS));

    awaitEvent(shop, "TrafficTarget", "web", "spec.rules[1].name");
    awaitAccepted("False NotHonoured");
    assertThat(ask(shop, "client", "http1", "/").refused()).isTrue();

    shop.apply(TrafficTargets.ports("TCPRoute", "ports", "8080"));
    await().atMost(TAKES_EFFECT).until(() -> ask(shop, "client", "http1", "/").served());
    awaitAccepted("True Accepted");
    assertThat(
            shop.get(TrafficTargets.API_VERSION, "TrafficTarget", "web")
                .getMetadata()
                .getGeneration())
        .as("what the user wrote is not rewritten")
        .isEqualTo(1);
  }

  @Test
  void datagramsAreNotClaimedToBePoliced() {
    shop.apply(TrafficTargets.ports("UDPRoute", "datagrams", "53"));
    shop.apply(
        TrafficTargets.target("web", "client", "web-v1", "{kind: UDPRoute, name: datagrams}"));

    awaitEvent(shop, "UDPRoute", "datagrams", "UDP is not carried");
    awaitEvent(shop, "TrafficTarget", "web", "UDP is not carried");
    assertThat(ask(shop, "client", "http1", "/").refused()).isTrue();
  }

  @Test
  void thePodStaysReadyByItsProbes() {
    Pod pod = shop.pods("web").getFirst();
    assertThat(pod.getStatus().getConditions())
        .anyMatch(condition ->
            condition.getType().equals("Ready") && condition.getStatus().equals("True"));
    assertThat(pod.getStatus().getContainerStatuses())
        .allMatch(container -> container.getRestartCount() == 0);
  }

  /** Waits for the status to say so of the target as it was written last. */
  private static void awaitAccepted(String expected) {
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() -> {
          GenericKubernetesResource target =
              (GenericKubernetesResource)
                  shop.get(TrafficTargets.API_VERSION, "TrafficTarget", "web");
          assertThat(target.<List<Map<String, Object>>>get("status", "conditions"))
              .isNotNull()
              .extracting(condition ->
                  condition.get("type")
                      + " "
                      + condition.get("status")
                      + " "
                      + condition.get("reason")
                      + " "
                      + condition.get("observedGeneration"))
              .containsExactly("Accepted " + expected + " " + target.getMetadata().getGeneration());
        });
  }

  private static void awaitEvent(
      TestNamespace namespace, String kind, String object, String message) {
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() ->
            assertThat(namespace.events(kind, object))
                .anyMatch(event -> event.startsWith("NotHonoured") && event.contains(message)));
  }

  private static Probe.Answer ask(
      TestNamespace from, String app, String protocol, String path, String... more) {
    return Probe.ask(from, app, protocol, "http://" + server(8080) + path, more);
  }

  /** With these headers, which to gRPC are metadata. */
  private static Probe.Answer asked(String protocol, int port, String... headers) {
    return Probe.ask(
        shop,
        "client",
        protocol,
        "http://" + server(port) + "/status/200",
        Stream.of(headers).flatMap(header -> Stream.of("-header", header)).toArray(String[]::new));
  }

  private static Probe.Answer call(String protocol) {
    return Probe.ask(shop, "client", protocol, "http://" + server(9090) + "/");
  }

  private static String server(int port) {
    return "web-v1." + shop.name() + ":" + port;
  }
}
