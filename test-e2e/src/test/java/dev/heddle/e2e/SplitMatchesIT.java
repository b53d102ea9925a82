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

  private static Probe.Answer beta(String protocol) {
    return ask(protocol, "/", "-header", "Cookie: a=b; beta=1");
  }

  private static Probe.Answer ask(String protocol, String path, String... more) {
    return Probe.ask(shop, "client", protocol, "http://web-v1:8080" + path, more);
  }
}
