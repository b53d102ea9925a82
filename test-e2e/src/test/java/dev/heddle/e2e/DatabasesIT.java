package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.Probe;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * MariaDB, which greets first, and Redis, which waits, work through both proxies without an
 * annotation and without a delay that anybody would notice.
 */
@MeshTest
class DatabasesIT {

  private static final int CONNECTIONS = 15;

  /**
   * To the quickest of the connections, so that it does not matter what else the machine does: who
   * waits for somebody to speak waits each time.
   */
  private static final long MOST_ADDED_MICROSECONDS = 50_000;

  private static final Duration QUICK = Duration.ofMinutes(1);

  private static TestNamespace meshed;
  private static TestNamespace plain;
  private static LoadGenerator meshedClient;
  private static LoadGenerator plainClient;

  @BeforeAll
  static void deploy(Mesh mesh) {
    meshed = TestNamespace.inMesh(mesh.kubernetes(), "databases");
    plain = TestNamespace.outsideMesh(mesh.kubernetes(), "databases-plain");
    for (TestNamespace namespace : new TestNamespace[] {meshed, plain}) {
      namespace.apply(database("mariadb", 3306));
      namespace.apply(database("redis", 6379));
    }
    meshedClient = LoadGenerator.deploy(meshed, "client");
    plainClient = LoadGenerator.deploy(plain, "client");
    for (TestNamespace namespace : new TestNamespace[] {meshed, plain}) {
      namespace.awaitRollout("mariadb");
      namespace.awaitRollout("redis");
    }
  }

  @AfterAll
  static void remove() {
    meshedClient.close();
    plainClient.close();
    meshed.close();
    plain.close();
  }

  @Test
  void sidecarsCarryNoAnnotationOfTheirs() {
    for (String app : new String[] {"mariadb", "redis", "client"}) {
      Pod pod = meshed.pod(app);
      assertThat(pod.getSpec().getInitContainers()).extracting("name").contains("heddle-proxy");
      assertThat(pod.getMetadata().getAnnotations()).containsOnlyKeys("heddle.dev/injected");
    }
  }

  @Test
  void mariadbAnswersQueries() {
    String answer =
        meshed.execute(
            meshed.pod("mariadb"),
            "mariadb",
            "mariadb",
            "--host=mariadb",
            "--port=3306",
            "--protocol=tcp",
            "--user=test",
            "--password=test",
            "--skip-column-names",
            "--execute=CREATE TABLE IF NOT EXISTS test.t (n INT); INSERT INTO test.t VALUES (42); SELECT MAX(n) FROM test.t");
    assertThat(answer.strip()).isEqualTo("42");
  }

  @Test
  void redisAnswersCommands() {
    Pod pod = meshed.pod("redis");
    meshed.execute(pod, "redis", "redis-cli", "-h", "redis", "SET", "thread", "weft");
    assertThat(meshed.execute(pod, "redis", "redis-cli", "-h", "redis", "GET", "thread").strip())
        .isEqualTo("weft");
  }

  @Test
  void aGreetingIsNotWaitedFor() {
    awaitNothingAdded(
        "MariaDB", namespace -> Probe.connect(namespace, "client", "mariadb:3306", CONNECTIONS));
  }

  @Test
  void anAnswerIsNotWaitedFor() {
    awaitNothingAdded(
        "+PONG",
        namespace ->
            Probe.connectAndSend(namespace, "client", "redis:6379", CONNECTIONS, "PING\\r\\n"));
  }

  /**
   * Looks again when even the quickest was slow, as on a busy machine with proxies that have just
   * begun: who waits for somebody to speak waits each time.
   */
  private static void awaitNothingAdded(
      String says, Function<TestNamespace, Probe.Connection> connect) {
    await()
        .atMost(QUICK)
        .untilAsserted(() -> {
          Probe.Connection through = connect.apply(meshed);
          Probe.Connection without = connect.apply(plain);
          assertThat(through.first()).contains(says);
          assertThat(through.firstByteMicroseconds().min() - without.firstByteMicroseconds().min())
              .as("added to the first byte: %s through the mesh, %s without", through, without)
              .isLessThan(MOST_ADDED_MICROSECONDS);
        });
  }

  @Test
  void bytesArriveOverMutualTls(Mesh mesh) {
    Probe.connect(meshed, "client", "mariadb:3306", 1);
    Pod database = meshed.pod("mariadb");
    assertThat(
            mesh.metrics(database)
                .sum(
                    "istio_tcp_connections_opened_total",
                    Map.of(
                        "reporter", "destination",
                        "connection_security_policy", "mutual_tls",
                        "source_principal",
                            "spiffe://cluster.local/ns/" + meshed.name() + "/sa/client")))
        .isPositive();
  }

  /** The port has no name, so that nothing tells the protocol. */
  private static String database(String name, int port) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      replicas: 1
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec:
          containers:
            - name: %1$s
              image: heddle-test-%1$s:0.1.0
              readinessProbe: {tcpSocket: {port: %2$d}, periodSeconds: 1}
              resources: {requests: {cpu: 10m, memory: 64Mi}}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s}
    spec:
      selector: {app: %1$s}
      ports: [{port: %2$d}]
    """
        .formatted(name, port);
  }
}
