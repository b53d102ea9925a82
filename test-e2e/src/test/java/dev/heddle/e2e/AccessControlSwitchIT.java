package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadGenerator.OpenStream;
import dev.heddle.e2e.workload.LoadGenerator.StreamReport;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficTargets;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whether access is enforced can change while requests and streams are under way: on connections
 * that stay open, what is granted loses nothing, and what is not granted stops and begins again.
 */
@MeshTest
class AccessControlSwitchIT {

  private static final int SWITCHES = 3;
  private static final Duration TAKES_EFFECT = Duration.ofSeconds(20);

  /** Lines that a stream has to carry there and back to be called alive. */
  private static final int LINES = 10;

  /** A request that a busy machine holds up is not lost. */
  private static final String NEVER_ANSWERED = "60s";

  private static final String BYTES = "tcp://web-v1:7071";
  private static final String WEB_SOCKET = "http://web-v1:8080/ws";
  private static final String CALL = "http://web-v1:9090/";

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
    shop.apply(TrafficTargets.ports("TCPRoute", "echo", "7071"));
    grantBytes("granted");
    mesh.accessControl("enforced");
    await("what is granted to be known")
        .atMost(TAKES_EFFECT)
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(() ->
            Probe.ask(shop, "refused", "http1", "http://web-v1:8080/").refused()
                && Probe.ask(shop, "granted", "http1", "http://web-v1:8080/").served()
                && !Probe.connectAndSend(shop, "granted", "web-v1:7071", 10, "hi")
                    .first()
                    .isEmpty());
    mesh.accessControl("permissive");
    await()
        .atMost(TAKES_EFFECT)
        .until(() -> Probe.ask(shop, "refused", "http1", "http://web-v1:8080/").served());
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
    LoadGenerator.Run good =
        granted.start(Load.rate(target, protocol, 200).withTimeout(NEVER_ANSWERED));
    LoadGenerator.Run bad =
        refused.start(Load.rate(target, protocol, 50).withTimeout(NEVER_ANSWERED));
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

  @Test
  void streamsThatBothAllowGoOn(Mesh mesh) {
    LoadGenerator.Run bad =
        refused.start(Load.rate("http://web-v1:8080/", "http1", 50).withTimeout(NEVER_ANSWERED));
    List<OpenStream> streams = new ArrayList<>();
    streams.addAll(List.of(bytes(granted), webSocket(granted), call(granted)));
    awaitCarrying(streams);
    try {
      for (int i = 0; i < SWITCHES; i++) {
        mesh.accessControl("enforced");
        awaitRecent(bad, refused, true);
        awaitCarrying(streams);
        if (i == 0) {
          streams.addAll(List.of(bytes(granted), webSocket(granted), call(granted)));
          awaitCarrying(streams);
        }
        mesh.accessControl("permissive");
        awaitRecent(bad, refused, false);
        awaitCarrying(streams);
      }
    } finally {
      mesh.accessControl("permissive");
      bad.stop();
    }
    assertThat(streams).extracting(stream -> stream.stop().error()).containsOnlyNulls();
  }

  @Test
  void bytesEndWhenNothingGrantsThemAndRequestsFinish(Mesh mesh) {
    LoadGenerator.Run bad =
        refused.start(Load.rate("http://web-v1:8080/", "http1", 50).withTimeout(NEVER_ANSWERED));
    OpenStream early = bytes(refused);
    List<OpenStream> requests = List.of(webSocket(refused), call(refused));
    awaitCarrying(List.of(early));
    awaitCarrying(requests);
    try {
      mesh.accessControl("enforced");
      awaitEnded(early);
      awaitRecent(bad, refused, true);
      awaitCarrying(requests);
      for (OpenStream late : List.of(bytes(refused), webSocket(refused), call(refused))) {
        awaitEnded(late);
        assertThat(late.stop().echoed()).as("lines of a stream that was refused").isZero();
      }

      grantBytes("refused");
      OpenStream granted = awaitBytes(refused);
      shop.delete(TrafficTargets.API_VERSION, "TrafficTarget", "bytes-refused");
      awaitEnded(granted);
      granted.stop();
      awaitCarrying(requests);
    } finally {
      mesh.accessControl("permissive");
    }
    awaitRecent(bad, refused, false);
    OpenStream again = awaitBytes(refused);
    awaitCarrying(requests);
    assertThat(again.stop().error()).isNull();
    assertThat(requests).extracting(stream -> stream.stop().error()).containsOnlyNulls();
    early.stop();
    bad.stop();
  }

  private static void grantBytes(String account) {
    shop.apply(
        TrafficTargets.target(
            "bytes-" + account, account, "web-v1", "{kind: TCPRoute, name: echo}"));
  }

  /** Opens streams until one is not refused. */
  private static OpenStream awaitBytes(LoadGenerator client) {
    return await()
        .atMost(TAKES_EFFECT)
        .until(
            () -> {
              OpenStream stream = bytes(client);
              await()
                  .atMost(TAKES_EFFECT)
                  .until(() -> stream.report().error() != null || stream.report().echoed() > 0);
              if (stream.report().error() != null) {
                stream.stop();
                return null;
              }
              return stream;
            },
            Objects::nonNull);
  }

  private static OpenStream bytes(LoadGenerator client) {
    return client.open(BYTES, "tcp");
  }

  private static OpenStream webSocket(LoadGenerator client) {
    return client.open(WEB_SOCKET, "websocket");
  }

  private static OpenStream call(LoadGenerator client) {
    return client.open(CALL, "grpc");
  }

  /** Waits until each has carried more lines than it had when this began, there and back. */
  private static void awaitCarrying(List<OpenStream> streams) {
    for (OpenStream stream : streams) {
      int before = stream.report().echoed();
      await()
          .atMost(TAKES_EFFECT)
          .untilAsserted(() -> {
            StreamReport report = stream.report();
            assertThat(report.error()).isNull();
            assertThat(report.echoed()).isGreaterThanOrEqualTo(before + LINES);
          });
    }
  }

  private static void awaitEnded(OpenStream stream) {
    await()
        .atMost(TAKES_EFFECT)
        .untilAsserted(() -> assertThat(stream.report().error()).isNotNull());
  }

  /** Waits for a stretch of requests that all fail, or all succeed. */
  private static void awaitRecent(LoadGenerator.Run run, LoadGenerator generator, boolean failing) {
    await()
        .atMost(TAKES_EFFECT.multipliedBy(2))
        .until(() -> {
          long since = generator.now();
          await().atMost(TAKES_EFFECT).until(() -> run.since(since).requests() >= 25);
          LoadReport recent = run.since(since);
          return recent.failures() == (failing ? recent.requests() : 0);
        });
  }
}
