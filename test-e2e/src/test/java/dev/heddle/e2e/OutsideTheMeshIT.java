package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.Probe.TlsPeer;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.WebServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The mesh and what is not in it reach each other, and what leaves the cluster passes untouched.
 */
@MeshTest
class OutsideTheMeshIT {

  private static TestNamespace inside;
  private static TestNamespace outside;
  private static LoadGenerator meshed;
  private static LoadGenerator plain;

  @BeforeAll
  static void deploy(Mesh mesh) {
    inside = TestNamespace.inMesh(mesh.kubernetes(), "inside");
    outside = TestNamespace.outsideMesh(mesh.kubernetes(), "outside");
    inside.apply(WebServer.manifest("web", "v1", 1));
    outside.apply(WebServer.manifest("web", "v1", 1));
    meshed = LoadGenerator.deploy(inside, "client");
    plain = LoadGenerator.deploy(outside, "client");
    inside.awaitRollout("web-v1");
    outside.awaitRollout("web-v1");
  }

  @AfterAll
  static void remove() {
    meshed.close();
    plain.close();
    inside.close();
    outside.close();
  }

  @Test
  void plainClientReachesMeshedServer() {
    assertThat(plain.pod().getSpec().getInitContainers()).isEmpty();
    everyRequestSucceeds(plain, "http1", inside, 8080);
    everyRequestSucceeds(plain, "grpc", inside, 9090);
  }

  @Test
  void meshedClientReachesPlainServer() {
    everyRequestSucceeds(meshed, "http1", outside, 8080);
    everyRequestSucceeds(meshed, "h2c", outside, 8080);
    everyRequestSucceeds(meshed, "grpc", outside, 9090);
  }

  @Test
  void theAppsOwnTlsPassesThrough() {
    everyRequestSucceeds(meshed, "h2", inside, 8443);
    everyRequestSucceeds(plain, "https", inside, 8443);
  }

  /** The node's own address is no Service and no pod of the mesh: as outside as a test can own. */
  @Test
  void addressesOutsideTheClusterPassUntouched() {
    String node = meshed.pod().getStatus().getHostIP();
    outside.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: host, labels: {app: host}}
        spec:
          hostNetwork: true
          containers:
            - name: web
              image: heddle-test-workload:0.1.0
              args: [serve, -http, ":18080", -https, ":18443", -grpc, "", -greeter, ":17070", -tcp-echo, ""]
              env: [{name: VERSION, value: host}]
        """);
    await().atMost(Duration.ofMinutes(1)).until(() -> outside.pods("host").size() == 1);

    TlsPeer peer =
        await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptionsInstanceOf(AssertionError.class)
            .until(
                () -> Probe.tlsPeek(inside, "client", node + ":18443", "outside.example"),
                p -> true);
    assertThat(peer.certificates().getFirst().uris()).as("a certificate of the mesh").isEmpty();
    assertThat(Probe.connect(inside, "client", node + ":17070", 3).first())
        .startsWith("hello from host");
    LoadGenerator.Run run = meshed.start(Load.requests("http://" + node + ":18080/", "http1", 100));
    assertThat(ended(run).versions()).containsEntry("host", 100);
  }

  private static void everyRequestSucceeds(
      LoadGenerator from, String protocol, TestNamespace to, int port) {
    String scheme = protocol.equals("https") || protocol.equals("h2") ? "https" : "http";
    LoadReport report =
        ended(
            from.start(
                Load.requests(
                    scheme + "://web-v1." + to.name() + ":" + port + "/", protocol, 200)));
    assertThat(report.failures()).as("%s to %s: %s", protocol, port, report.errors()).isZero();
    assertThat(report.versions()).containsEntry("v1", 200);
  }

  private static LoadReport ended(LoadGenerator.Run run) {
    await().atMost(Duration.ofSeconds(30)).until(() -> !run.report().running());
    return run.report();
  }
}
