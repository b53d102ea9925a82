package dev.heddle.e2e;

import static dev.heddle.e2e.workload.TrafficMetrics.count;
import static dev.heddle.e2e.workload.TrafficMetrics.items;
import static dev.heddle.e2e.workload.TrafficMetrics.seconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.e2e.cluster.Cluster;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.Fortio;
import dev.heddle.e2e.workload.Kubectl;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficMetrics;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code kubectl get trafficmetrics}, and the resources of the SMI specification, while a load
 * generator makes requests: most take 40 ms, one in ten takes 150 ms.
 */
@MeshTest
class TrafficMetricsIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Logger LOG = LoggerFactory.getLogger(TrafficMetricsIT.class);
  private static final int RUNS = 5;
  private static final int REQUESTS = 150;
  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What is printed here is shown in {@code docs/traffic-metrics.md}. */
  private static final Path PRINTED = Path.of("target", "traffic-metrics.txt");

  private static TestNamespace shop;
  private static LoadGenerator client;
  private static Kubectl kubectl;
  private static LoadGenerator.Run most;
  private static LoadGenerator.Run some;

  @BeforeAll
  static void deploy(Mesh mesh, Cluster cluster) throws IOException {
    Files.createDirectories(PRINTED.getParent());
    Files.deleteIfExists(PRINTED);
    kubectl = new Kubectl(cluster.kubeconfig());
    shop = TestNamespace.inMesh(mesh.kubernetes(), "traffic");
    shop.apply(
        WebServer.manifest("web", "v1", 1)
            + "---\n"
            + WebServer.manifest("web", "v2", 1)
            + "---\n"
            + WebServer.apex("web"));
    Map<String, Integer> weights = new LinkedHashMap<>();
    weights.put("web-v1", 80);
    weights.put("web-v2", 20);
    shop.apply(TrafficSplits.split("web", "web", weights));
    client = LoadGenerator.deploy(shop, "client");
    shop.awaitRollout("web-v1");
    shop.awaitRollout("web-v2");
    most = client.start(Load.rate("http://web:8080/delay/40ms", "http1", 90));
    some = client.start(Load.rate("http://web:8080/delay/150ms", "http1", 10));
    awaitSteadyWindow();
  }

  @AfterAll
  static void remove() {
    most.stop();
    some.stop();
    client.close();
    shop.close();
  }

  @Test
  void printsATable() throws IOException {
    Kubectl.Output table = print("get", "trafficmetrics", "-n", shop.name());

    assertThat(table.error()).isEmpty();
    List<String> lines = table.standard().lines().toList();
    assertThat(lines.getFirst()).matches("NAME +KIND +SUCCESS +RPS +P50 +P90 +P99 +WINDOW");
    assertThat(table.columns())
        .extracting(List::getFirst)
        .containsExactly("NAME", "client", "web-v1", "web-v2");
    assertThat(lines.get(1)).matches("client +Deployment +- +0\\.0 +- +- +- +30s");
    assertThat(lines.get(2))
        .matches(
            "web-v1 +Deployment +100\\.00% +[78]\\d\\.\\d +([4-9]\\d\\.\\d|\\d{3})ms +\\S+ +(\\d{3}ms|[\\d.]+s) +30s");
    // Aligned: every column begins where its header does.
    for (int at = 0; at < lines.getFirst().length(); at++) {
      if (lines.getFirst().charAt(at) != ' '
          && (at == 0 || lines.getFirst().charAt(at - 1) == ' ')) {
        for (String line : lines) {
          assertThat(line.charAt(at)).as("column at %d of %s", at, line).isNotEqualTo(' ');
        }
      }
    }

    assertThat(print("get", "tm", "-n", shop.name(), "-o", "wide").columns().getFirst())
        .endsWith("SUCCESSES", "FAILURES", "SIDE");
    assertThat(kubectl.run("get", "tm", "web-v2", "-n", shop.name()).columns())
        .hasSize(2)
        .last()
        .satisfies(row -> assertThat(row.getFirst()).isEqualTo("web-v2"));
    assertThat(kubectl.run("get", "tm", "-l", "app=web", "-n", shop.name()).columns())
        .extracting(List::getFirst)
        .containsExactly("NAME", "web-v1", "web-v2");
    assertThat(print("get", "tm", "web-v1", "-n", shop.name(), "-o", "yaml").standard())
        .contains("kind: TrafficMetrics", "name: success_count", "unit: seconds", "window: 30s");
    assertThat(kubectl.run("get", "tm", "-n", shop.name(), "-o", "name").standard().lines())
        .hasSize(3);
    assertThat(kubectl.attempt("get", "tm", "nobody", "-n", shop.name()).error())
        .contains("\"nobody\" not found");
  }

  /**
   * Six in ten requests take three seconds, the others six; one in twenty fails. The whole run lies
   * within one window. The server waits that long so that what fortio itself takes on a busy
   * machine, outside of any proxy, is a small part of it; a run in which it was not is made again.
   */
  @Test
  void percentilesAndCountsAreThoseOfTheLoadGenerator() throws IOException {
    try (TestNamespace measured = TestNamespace.inMesh(shop.kubernetes(), "measured")) {
      Fortio.deploy(measured, "server");
      Fortio caller = Fortio.deploy(measured, "caller");
      List<String> disagreements = List.of("no run");
      for (int number = 1; number <= RUNS && !disagreements.isEmpty(); number++) {
        disagreements = disagreementsWith(caller, measured);
        LOG.info("Run {} beside fortio: {}", number, disagreements);
      }
      assertThat(disagreements).isEmpty();
    }
  }

  private static List<String> disagreementsWith(Fortio caller, TestNamespace measured)
      throws IOException {
    // What its clients' proxies measured, and what its own proxy did.
    List<String> paths = List.of("/services/server", "/deployments/server");
    for (String path : paths) {
      awaitAll(measured, path, 0);
    }
    List<Fortio.Request> requests =
        caller.load("http://server:8080/echo?delay=3s:60,6s:40&status=503:5", 12, 75, REQUESTS);
    assertThat(requests).hasSize(REQUESTS);
    List<String> disagreements = new ArrayList<>();
    for (String path : paths) {
      JsonNode seen = awaitAll(measured, path, REQUESTS);
      assertThat(count(seen, "failure_count"))
          .isEqualTo(requests.stream().filter(request -> request.status() == 503).count());
      for (int percent : List.of(50, 90, 99)) {
        double theirs = Fortio.percentile(requests, percent);
        double ours = seconds(seen, "p" + percent + "_response_latency");
        String compared =
            "%s p%d: %.1f ms, fortio %.1f ms"
                .formatted(path, percent, ours * 1_000, theirs * 1_000);
        Files.writeString(
            PRINTED,
            compared + System.lineSeparator(),
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        if (Math.abs(ours - theirs) > 0.05 * theirs) {
          disagreements.add(compared);
        }
      }
    }
    return disagreements;
  }

  /** What was seen once every request of a run was reported, while all of it is in the window. */
  private static JsonNode awaitAll(TestNamespace namespace, String path, long requests) {
    return await(requests + " requests of " + path + " to be reported")
        .atMost(WINDOW.multipliedBy(2))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> raw("/namespaces/" + namespace.name() + path),
            object -> count(object, "success_count") + count(object, "failure_count") == requests);
  }

  @Test
  void aSplitHasARowForEachBackend() throws IOException {
    JsonNode split = raw("/namespaces/" + shop.name() + "/trafficsplits/web");

    List<JsonNode> rows = items(split);
    assertThat(rows)
        .extracting(
            row -> row.at("/backend/apex").asText() + " " + row.at("/backend/name").asText())
        .containsExactly("web web-v1", "web web-v2");
    assertThat(rows).extracting(row -> row.at("/backend/weight").asInt()).containsExactly(80, 20);
    long first = count(rows.getFirst(), "success_count");
    long second = count(rows.getLast(), "success_count");
    assertThat(100.0 * second / (first + second)).as("share of web-v2").isCloseTo(20, within(3.0));
    assertThat(kubectl.run("get", "trafficsplits", "-n", shop.name()).columns().getFirst())
        .as("splits are still splits")
        .doesNotContain("RPS");
  }

  @Test
  void tellsWhoTalksToWhom() throws IOException {
    JsonNode edges = raw("/namespaces/" + shop.name() + "/deployments/web-v1/edges");

    // The kubelet asks, too, without a proxy.
    assertThat(items(edges))
        .filteredOn(edge -> edge.at("/edge/side").asText().equals("client"))
        .singleElement()
        .satisfies(edge -> {
          assertThat(edge.at("/edge/direction").asText()).isEqualTo("from");
          assertThat(edge.at("/edge/resource/kind").asText()).isEqualTo("Deployment");
          assertThat(edge.at("/edge/resource/name").asText()).isEqualTo("client");
        });
    assertThat(items(raw("/namespaces/" + shop.name() + "/deployments/client/edges")))
        .extracting(edge -> edge.at("/edge/resource/name").asText())
        .containsExactly("web-v1", "web-v2");
  }

  @Test
  void servesEveryKindInBothVersions() throws IOException {
    for (String version : List.of("v1alpha1", "v1alpha2")) {
      JsonNode resources =
          JSON.readTree(
              kubectl.run("get", "--raw", "/apis/metrics.smi-spec.io/" + version).standard());
      for (JsonNode resource : resources.path("resources")) {
        if (!resource.path("name").asText().contains("/")) {
          JsonNode list =
              JSON.readTree(
                  kubectl
                      .run(
                          "get",
                          "--raw",
                          "/apis/metrics.smi-spec.io/"
                              + version
                              + "/"
                              + resource.path("name").asText())
                      .standard());
          assertThat(list.path("kind").asText())
              .as(resource.path("name").asText())
              .isEqualTo("TrafficMetricsList");
        }
      }
    }
    List<String> pods = new ArrayList<>();
    items(raw("/namespaces/" + shop.name() + "/pods"))
        .forEach(pod -> pods.add(pod.at("/metadata/name").asText()));
    assertThat(pods).hasSize(3);
    assertThat(count(raw("/namespaces/" + shop.name()), "success_count")).isGreaterThan(2_000);
  }

  @Test
  void deploymentsAreStillDeployments() {
    assertThat(kubectl.run("get", "deployments", "-n", shop.name()).columns().getFirst())
        .contains("READY", "AVAILABLE");
    assertThat(kubectl.run("get", "pods,nodes", "-A").error()).isEmpty();
  }

  @Test
  void showsTrafficToWhomTheClusterAllowsIt() {
    kubectl.run("create", "serviceaccount", "auditor", "-n", shop.name());
    String auditor = "system:serviceaccount:" + shop.name() + ":auditor";

    Kubectl.Output refused = kubectl.attempt("get", "tm", "-n", shop.name(), "--as", auditor);
    assertThat(refused.status()).isNotZero();
    assertThat(refused.error()).contains("Forbidden").contains("trafficmetrics");

    kubectl.run(
        "create",
        "rolebinding",
        "auditor",
        "--clusterrole=view",
        "--serviceaccount=" + shop.name() + ":auditor",
        "-n",
        shop.name());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(kubectl.attempt("get", "tm", "-n", shop.name(), "--as", auditor).status())
                .isZero());
    assertThat(kubectl.attempt("get", "tm", "-A", "--as", auditor).error()).contains("Forbidden");
  }

  private static void awaitSteadyWindow() {
    await("a whole window of traffic")
        .atMost(WINDOW.plus(PATIENCE))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() ->
            assertThat(count(raw("/namespaces/" + shop.name() + "/services/web"), "success_count"))
                .isBetween(2_950L, 3_050L));
  }

  private static Kubectl.Output print(String... arguments) throws IOException {
    Kubectl.Output output = kubectl.run(arguments);
    Files.writeString(
        PRINTED,
        "$ kubectl " + String.join(" ", arguments) + "\n" + output.standard() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return output;
  }

  private static JsonNode raw(String path) throws IOException {
    return JSON.readTree(kubectl.run("get", "--raw", TrafficMetrics.API + path).standard());
  }
}
