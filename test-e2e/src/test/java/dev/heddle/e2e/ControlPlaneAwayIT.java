package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Adapter and CA are gone for a minute: nobody notices, not even a proxy that is restarted
 * meanwhile.
 */
@MeshTest
class ControlPlaneAwayIT {

  private static final Duration AWAY = Duration.ofMinutes(1);

  private static TestNamespace shop;
  private static LoadGenerator client;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "away");
    shop.apply(
        WebServer.manifest("web", "v1", 1)
            + "---\n"
            + WebServer.manifest("web", "v2", 1)
            + "---\n"
            + WebServer.apex("web"));
    shop.apply(TrafficSplits.split("web", "web", Map.of("web-v1", 1, "web-v2", 0)));
    // Its containers see each other's processes, so that the test can kill the proxy as a crash
    // would.
    shop.apply(
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: restarted}
        spec:
          replicas: 1
          selector: {matchLabels: {app: restarted}}
          template:
            metadata: {labels: {app: restarted}}
            spec:
              shareProcessNamespace: true
              containers:
                - name: load
                  image: heddle-test-workload:0.1.0
                  args: [load]
                  securityContext: {runAsUser: 0, capabilities: {add: [KILL, SYS_PTRACE]}}
        """);
    client = LoadGenerator.deploy(shop, "client");
    shop.awaitRollout("web-v1");
    shop.awaitRollout("web-v2");
    shop.awaitRollout("restarted");
  }

  @AfterAll
  static void remove(Mesh mesh) {
    mesh.scale(Mesh.OPERATOR_NAMESPACE, "heddle-operator", 1);
    client.close();
    shop.close();
    mesh.awaitReady();
  }

  @Test
  void nobodyNotices(Mesh mesh) {
    callFromRestarted();
    LoadGenerator.Run run = client.start(Load.rate("http://web:8080/", "http1", 200));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(run.report().requests()).isGreaterThan(200));

    mesh.scale(Mesh.OPERATOR_NAMESPACE, "heddle-operator", 0);
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() ->
            mesh.kubernetes()
                .pods()
                .inNamespace(Mesh.OPERATOR_NAMESPACE)
                .list()
                .getItems()
                .isEmpty());
    for (String component : Mesh.COMPONENTS) {
      mesh.scale(Mesh.NAMESPACE, component, 0);
      mesh.kill(component);
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> mesh.kubernetes().pods().inNamespace(Mesh.NAMESPACE).list().getItems().isEmpty());
    Instant gone = Instant.now();

    killProxyOfRestarted();
    callFromRestarted();
    assertThat(mesh.metrics(shop.pod("restarted")).sum("istio_requests_total", overMutualTls()))
        .as("requests over mTLS after the restart")
        .isPositive();
    await().atMost(AWAY.multipliedBy(2)).until(() -> Instant.now().isAfter(gone.plus(AWAY)));

    LoadReport away = run.report();
    assertThat(away.failures()).as("failures: %s", away.errors()).isZero();

    mesh.scale(Mesh.OPERATOR_NAMESPACE, "heddle-operator", 1);
    mesh.awaitReady();
    shop.apply(TrafficSplits.split("web", "web", Map.of("web-v1", 0, "web-v2", 1)));
    await("the change made after the return")
        .atMost(Duration.ofSeconds(30))
        .until(() -> run.since(client.now() - 500_000).share("v2") == 100);

    LoadReport whole = run.stop();
    assertThat(whole.failures()).as("failures: %s", whole.errors()).isZero();
  }

  private static Map<String, String> overMutualTls() {
    return Map.of(
        "reporter", "source",
        "destination_service_name", "web-v1",
        "response_code", "200",
        "destination_principal", "spiffe://cluster.local/ns/" + shop.name() + "/sa/web-v1");
  }

  private static void callFromRestarted() {
    shop.execute(
        shop.pod("restarted"),
        "load",
        "/workload",
        "call",
        "-target",
        "http://web:8080/",
        "-count",
        "20");
  }

  private static void killProxyOfRestarted() {
    int before = proxyRestarts(shop.pod("restarted"));
    shop.execute(
        shop.pod("restarted"),
        "load",
        "/workload",
        "kill",
        "-command",
        "dev.heddle.dataplane.Main");
    await("the proxy to be restarted and ready")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> {
          Pod pod = shop.pod("restarted");
          assertThat(proxyRestarts(pod)).isGreaterThan(before);
          assertThat(proxy(pod).getReady()).isTrue();
        });
  }

  private static int proxyRestarts(Pod pod) {
    return proxy(pod).getRestartCount();
  }

  private static ContainerStatus proxy(Pod pod) {
    return pod.getStatus().getInitContainerStatuses().stream()
        .filter(status -> status.getName().equals("heddle-proxy"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no proxy in " + pod.getMetadata().getName()));
  }
}
