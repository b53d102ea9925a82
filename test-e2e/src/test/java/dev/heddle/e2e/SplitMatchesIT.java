package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A TrafficSplit with matches splits the requests that match, and leaves alone all others. */
@MeshTest
class SplitMatchesIT {

  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);

  private static TestNamespace shop;
  private static LoadGenerator client;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "matches");
    shop.apply(WebServer.manifest("web", "v1", 1) + "---\n" + WebServer.manifest("web", "v2", 1));
    client = LoadGenerator.deploy(shop, "client");
    shop.awaitRollout("web-v1");
    shop.awaitRollout("web-v2");
    shop.apply(
        TrafficTargets.routeGroup(
            "beta",
            "{name: cookie, headers: {cookie: '^(.*; )?beta=1(; .*)?$'}}",
            "{name: path, pathRegex: '/status/2.*', methods: [POST]}"));
    shop.apply(
        TrafficTargets.routeGroup(
            "callers", "{name: stream, pathRegex: /heddle.test.Echo/Stream}"));
    shop.apply(
        TrafficTargets.routeGroup(
            "headers",
            "{name: both, headers: {stage: 'beta|canary', agent: '.*Fox.*'}}",
            "{name: team, headers: [{team: blue}]}",
            "{name: path, pathRegex: '/bytes|/heddle.test.Echo/Unary', headers: {team: red}}"));
    shop.apply(
        """
        apiVersion: split.smi-spec.io/v1alpha4
        kind: TrafficSplit
        metadata: {name: web}
        spec:
          service: web-v1
          backends:
            - {service: web-v1, weight: 0}
            - {service: web-v2, weight: 1}
          matches:
            - {kind: HTTPRouteGroup, name: beta}
            - {kind: HTTPRouteGroup, name: callers}
            - {kind: HTTPRouteGroup, name: headers}
        """);
    await().atMost(TAKES_EFFECT).until(() -> beta("http1").version().equals("v2"));
  }

  @AfterAll
  static void remove() {
    client.close();
    shop.close();
  }

  @ParameterizedTest
  @CsvSource({"http1", "h2c"})
  void requestsThatMatchAreSplit(String protocol) {
    assertThat(beta(protocol).version()).isEqualTo("v2");
    assertThat(ask(protocol, "/status/200", "-method", "POST").version()).isEqualTo("v2");

    assertThat(ask(protocol, "/").version()).isEqualTo("v1");
    assertThat(ask(protocol, "/status/200").version()).as("another method").isEqualTo("v1");
    assertThat(ask(protocol, "/", "-header", "Cookie: beta=2").version()).isEqualTo("v1");
  }

  @ParameterizedTest
  @CsvSource({"http1, 8080", "h2c, 8080", "grpc, 9090"})
  void aMatchNeedsAllItsHeadersAndOneMatchIsEnough(String protocol, int port) {
    assertThat(answering(protocol, port, "Team: blue")).isEqualTo("v2");
    assertThat(answering(protocol, port, "Stage: canary", "Agent: SeaFox/1")).isEqualTo("v2");
    assertThat(answering(protocol, port, "Stage: beta", "Agent: SeaFox/1", "Team: green"))
        .as("one of three matches")
        .isEqualTo("v2");
    assertThat(answering(protocol, port, "Team: red")).as("path and header").isEqualTo("v2");

    assertThat(answering(protocol, port)).as("no header").isEqualTo("v1");
    assertThat(answering(protocol, port, "Stage: beta")).as("one of two headers").isEqualTo("v1");
    assertThat(answering(protocol, port, "Agent: SeaFox/1")).as("the other").isEqualTo("v1");
    assertThat(answering(protocol, port, "Stage: alpha", "Agent: SeaFox/1"))
        .as("one of two values")
        .isEqualTo("v1");
    assertThat(answering(protocol, port, "Team: bluebird")).as("not as a whole").isEqualTo("v1");
  }

  @ParameterizedTest
  @CsvSource({"http1", "h2c"})
  void aHeaderOnAnotherPathDoesNotMatch(String protocol) {
    assertThat(ask(protocol, "/other", "-header", "Team: red").version()).isEqualTo("v1");
  }

  @Test
  void callsOfGrpcThatMatchAreSplit() {
    assertThat(Probe.ask(shop, "client", "grpc-stream", "http://web-v1:9090/").version())
        .isEqualTo("v2");
    assertThat(Probe.ask(shop, "client", "grpc", "http://web-v1:9090/").version()).isEqualTo("v1");
  }

  @Test
  void bytesAreLeftAlone() {
    assertThat(Probe.connect(shop, "client", "web-v1:7070", 5).first()).contains("v1");
  }

  @Test
  void aMissingGroupMatchesNothingAndIsTold() {
    shop.delete(TrafficTargets.ROUTES_API_VERSION, "HTTPRouteGroup", "callers");
    await()
        .atMost(TAKES_EFFECT)
        .until(() ->
            Probe.ask(shop, "client", "grpc-stream", "http://web-v1:9090/").version().equals("v1"));
    assertThat(beta("http1").version()).isEqualTo("v2");
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() ->
            assertThat(shop.events("TrafficSplit", "web"))
                .anyMatch(event -> event.contains("spec.matches[1].name")));
    shop.apply(
        TrafficTargets.routeGroup(
            "callers", "{name: stream, pathRegex: /heddle.test.Echo/Stream}"));
    await()
        .atMost(TAKES_EFFECT)
        .until(() ->
            Probe.ask(shop, "client", "grpc-stream", "http://web-v1:9090/").version().equals("v2"));
  }

  @Test
  void whatTheUserWroteIsNotRewritten() {
    var split = shop.get(TrafficSplits.API_VERSION, "TrafficSplit", "web");
    assertThat(split.getMetadata().getGeneration()).isEqualTo(1);
  }

  /** Who answers a request with these headers, which to gRPC are metadata. */
  private static String answering(String protocol, int port, String... headers) {
    return Probe.ask(
            shop,
            "client",
            protocol,
            "http://web-v1:" + port + "/bytes/1",
            Stream.of(headers)
                .flatMap(header -> Stream.of("-header", header))
                .toArray(String[]::new))
        .version();
  }

  private static Probe.Answer beta(String protocol) {
    return ask(protocol, "/", "-header", "Cookie: a=b; beta=1");
  }

  private static Probe.Answer ask(String protocol, String path, String... more) {
    return Probe.ask(shop, "client", protocol, "http://web-v1:8080" + path, more);
  }
}
