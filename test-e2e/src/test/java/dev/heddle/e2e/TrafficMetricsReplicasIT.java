package dev.heddle.e2e;

import static dev.heddle.e2e.workload.TrafficMetrics.count;
import static dev.heddle.e2e.workload.TrafficMetrics.items;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.Fortio;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficMetrics;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A proxy reports to one replica of the adapter. Whichever replica is asked answers for the whole
 * mesh, and goes on to do so when another one goes.
 */
@MeshTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrafficMetricsReplicasIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ADAPTER = "heddle-smi-adapter";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Longer than the tests take, so that no request is forgotten meanwhile. */
  private static final String WINDOW = "10m";

  private static final String USUAL_WINDOW = "30s";

  /** Clients are added until each replica has one; each takes whichever replica it finds. */
  private static final int MOST_CLIENTS = 10;

  private static final int REQUESTS = 50;

  /** A request that a busy machine holds up is not lost. */
  private static final String NEVER_ANSWERED = "60s";

  /** Just within the window. */
  private static final int SPAN_SECONDS = 599;

  /** Far more than are asked for within the second for which a replica gives the same answer. */
  private static final int SPANS = 60;

  private static final AtomicInteger ASKED = new AtomicInteger();

  /** The API server asks for discovery and health now and then; this is more often. */
  private static final int ANSWERS_EACH = 6;

  /** Each by a connection of its own, so that they go to several replicas. */
  private static final int AT_ONCE = 16;

  /** Who ask again and again, each after this pause. */
  private static final int USERS = 4;

  private static final Duration PAUSE = Duration.ofMillis(20);

  private static final int MOST_FAILURES = 20;

  private static TestNamespace shop;
  private static final List<LoadGenerator> CLIENTS = new ArrayList<>();

  @BeforeAll
  static void deploy(Mesh mesh) {
    mesh.metricsWindow(WINDOW);
    shop = TestNamespace.inMesh(mesh.kubernetes(), "replicas");
    Fortio.deploy(shop, "server");
    for (String name : List.of("during", "after")) {
      shop.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: %s}
          spec: {selector: {app: server}, ports: [{name: web, port: 8080}]}
          """
              .formatted(name));
    }
  }

  @AfterAll
  static void remove(Mesh mesh) {
    CLIENTS.forEach(LoadGenerator::close);
    shop.close();
    mesh.metricsWindow(USUAL_WINDOW);
    mesh.awaitReady();
  }

  /** Adds clients until each replica is reported to by a proxy, and waits for all reports. */
  @BeforeEach
  void haveEveryReplicaReportedTo(Mesh mesh) {
    await("two replicas").atMost(PATIENCE).until(() -> replicas(mesh).size() >= 2);
    Map<String, Double> before = reports(mesh);
    sendAndAwait("server");
    while (!everyReplicaBeyond(before, reports(mesh), 1)) {
      assertThat(CLIENTS).as("clients, with a replica without any").hasSizeLessThan(MOST_CLIENTS);
      CLIENTS.add(LoadGenerator.deploy(shop, "client-" + CLIENTS.size()));
      sendAndAwait("server");
    }
  }

  @Test
  @Order(1)
  void everyReplicaAnswersForTheWholeMesh(Mesh mesh) {
    Fortio.deploy(shop, "whole");
    long sent = sendAndAwait("whole");
    awaitRequests("/deployments/whole", sent);

    for (String path : List.of("/services/whole", "/deployments/whole")) {
      awaitEveryReplicaAnswers(
          mesh, path, answer -> assertThat(count(answer, "success_count")).isEqualTo(sent));
    }
    awaitEveryReplicaAnswers(
        mesh,
        "/deployments/whole/edges",
        answer ->
            assertThat(items(answer))
                .hasSameSizeAs(CLIENTS)
                .allSatisfy(edge -> assertThat(count(edge, "success_count")).isEqualTo(REQUESTS)));
  }

  /**
   * What was reported to the replica that goes is gone with it; everything else is counted once.
   * The last test, as the new replica has no proxies yet.
   */
  @Test
  @Order(2)
  void numbersGoOnWhenAReplicaGoes(Mesh mesh) {
    Pod going = replicas(mesh).getFirst();
    List<LoadGenerator.Run> runs =
        CLIENTS.stream()
            .map(client ->
                client.start(
                    Load.rate("http://during:8080/echo", "http1", 20).withTimeout(NEVER_ANSWERED)))
            .toList();
    await().atMost(PATIENCE).until(() -> requests("/services/during") > 0);

    long known;
    List<Long> times;
    try (Asking asking = Asking.start("/services/during")) {
      mesh.kubernetes().resource(going).delete();
      await("replica " + going.getMetadata().getName() + " to be gone")
          .atMost(PATIENCE)
          .until(() -> mesh.kubernetes().resource(going).get() == null);
      known = requests("/services/during");
      times = CLIENTS.stream().map(LoadGenerator::now).toList();
      await().atMost(PATIENCE).until(() -> requests("/services/during") >= known + REQUESTS);
      assertThat(asking.failures()).isEmpty();
    }
    long late = 0;
    long all = 0;
    for (int client = 0; client < CLIENTS.size(); client++) {
      LoadReport report = runs.get(client).stop();
      assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
      all += report.requests();
      late += runs.get(client).since(times.get(client)).requests();
    }
    // A proxy's reports arrive in the order of their making.
    sendAndAwait("after");
    long seen = requests("/services/during");
    assertThat(seen).isBetween(known + late, all);
    mesh.awaitReady();
    awaitEveryReplicaAnswers(
        mesh,
        "/services/during",
        answer -> assertThat(count(answer, "success_count")).isEqualTo(seen));
  }

  /** Sends from all clients, and waits until they have reported all of it. */
  private static long sendAndAwait(String service) {
    long known = requests("/services/" + service);
    long sent = CLIENTS.stream().mapToLong(client -> send(client, service)).sum();
    awaitRequests("/services/" + service, known + sent);
    return sent;
  }

  private static long send(LoadGenerator client, String service) {
    LoadGenerator.Run run =
        client.start(
            Load.requests("http://" + service + ":8080/echo", "http1", REQUESTS)
                .withTimeout(NEVER_ANSWERED));
    await().atMost(PATIENCE).until(() -> !run.report().running());
    LoadReport report = run.stop();
    assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
    return report.requests();
  }

  private static void awaitRequests(String path, long requests) {
    await(requests + " requests of " + path + " to be reported")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(requests(path)).isEqualTo(requests));
  }

  private static long requests(String path) {
    return count(ask(anew(path)), "success_count");
  }

  /** Asks for a span for which no replica can have summed up a moment ago. */
  private static String anew(String path) {
    return path + "?t=" + (SPAN_SECONDS - ASKED.getAndIncrement() % SPANS) + "s";
  }

  /** Asks until each replica has answered often; every answer has to be as it should. */
  private static void awaitEveryReplicaAnswers(Mesh mesh, String path, Consumer<JsonNode> check) {
    String asked = anew(path);
    Map<String, Double> before = answered(mesh);
    await("every replica to answer " + path)
        .atMost(PATIENCE)
        .until(() -> {
          askAtOnce(asked).forEach(check);
          return everyReplicaBeyond(before, answered(mesh), ANSWERS_EACH);
        });
  }

  private static boolean everyReplicaBeyond(
      Map<String, Double> before, Map<String, Double> now, int more) {
    return now.keySet().containsAll(before.keySet())
        && before.entrySet().stream()
            .allMatch(
                replica -> now.getOrDefault(replica.getKey(), 0.0) >= replica.getValue() + more);
  }

  private static Map<String, Double> reports(Mesh mesh) {
    return counts(mesh, "heddle_telemetry_reports_total", Map.of());
  }

  private static Map<String, Double> answered(Mesh mesh) {
    return counts(mesh, "heddle_metrics_api_requests_total", Map.of("code", "200"));
  }

  /** A counter of each replica, by the pod's name. */
  private static Map<String, Double> counts(Mesh mesh, String name, Map<String, String> labels) {
    return replicas(mesh).stream()
        .collect(
            Collectors.toMap(
                pod -> pod.getMetadata().getName(), pod -> mesh.metrics(pod).sum(name, labels)));
  }

  /** Those that are to stay. */
  private static List<Pod> replicas(Mesh mesh) {
    return mesh.componentPods(ADAPTER).stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod ->
            pod.getStatus().getConditions().stream()
                .anyMatch(condition ->
                    condition.getType().equals("Ready") && condition.getStatus().equals("True")))
        .toList();
  }

  private static List<JsonNode> askAtOnce(String path) {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<JsonNode>> questions = Collections.nCopies(AT_ONCE, () -> ask(path));
      List<JsonNode> answers = new ArrayList<>();
      for (Future<JsonNode> answer : executor.invokeAll(questions)) {
        answers.add(answer.get());
      }
      return answers;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    } catch (ExecutionException failed) {
      throw new AssertionError(path + " was not answered", failed.getCause());
    }
  }

  private static JsonNode ask(String path) {
    String answer = shop.kubernetes().raw(TrafficMetrics.API + "/namespaces/" + shop.name() + path);
    if (answer == null) {
      throw new AssertionError(path + ": not found");
    }
    try {
      return JSON.readTree(answer);
    } catch (IOException invalid) {
      throw new UncheckedIOException(answer, invalid);
    }
  }

  /** Asks all the time, and remembers what was not answered. */
  private static final class Asking implements AutoCloseable {
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(USERS);

    private Asking() {}

    static Asking start(String path) {
      Asking asking = new Asking();
      for (int user = 0; user < USERS; user++) {
        Future<?> _ =
            asking.executor.scheduleWithFixedDelay(
                () -> asking.ask(path), 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      }
      return asking;
    }

    private void ask(String path) {
      try {
        TrafficMetricsReplicasIT.ask(path);
      } catch (RuntimeException | AssertionError failed) {
        if (failures.size() < MOST_FAILURES) {
          failures.add(Instant.now() + " " + failed);
        }
      }
    }

    List<String> failures() {
      return List.copyOf(failures);
    }

    @Override
    public void close() {
      executor.close();
    }
  }
}
