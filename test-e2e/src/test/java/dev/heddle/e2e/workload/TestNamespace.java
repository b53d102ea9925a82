package dev.heddle.e2e.workload;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A namespace of one test class, and what is done in it. Deleted when closed. */
public final class TestNamespace implements AutoCloseable {

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Duration POD_STARTS = Duration.ofMinutes(2);

  private final KubernetesClient kubernetes;
  private final String name;

  private TestNamespace(KubernetesClient kubernetes, String name) {
    this.kubernetes = kubernetes;
    this.name = name;
  }

  /** A namespace whose pods get a sidecar. */
  public static TestNamespace inMesh(KubernetesClient kubernetes, String prefix) {
    return create(kubernetes, prefix, Map.of("heddle.dev/inject", "enabled"));
  }

  /** A namespace whose pods get none. */
  public static TestNamespace outsideMesh(KubernetesClient kubernetes, String prefix) {
    return create(kubernetes, prefix, Map.of());
  }

  /** A namespace with the given labels. */
  public static TestNamespace create(
      KubernetesClient kubernetes, String prefix, Map<String, String> labels) {
    String name =
        prefix
            + "-"
            + Long.toString(System.currentTimeMillis() % 1_000_000, 36)
            + COUNTER.incrementAndGet();
    Namespace namespace =
        new NamespaceBuilder().withNewMetadata().withName(name).withLabels(labels).and().build();
    kubernetes.resource(namespace).create();
    return new TestNamespace(kubernetes, name);
  }

  public String name() {
    return name;
  }

  public KubernetesClient kubernetes() {
    return kubernetes;
  }

  /**
   * Applies every document of the manifest in this namespace, as {@code kubectl apply
   * --server-side}.
   */
  public void apply(String manifest) {
    kubernetes
        .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
        .inNamespace(name)
        .forceConflicts()
        .serverSideApply();
  }

  /** A merge patch, as {@code kubectl patch --type merge}. */
  public void patch(String apiVersion, String kind, String object, String mergePatch) {
    kubernetes
        .genericKubernetesResources(apiVersion, kind)
        .inNamespace(name)
        .withName(object)
        .patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
  }

  public void delete(String apiVersion, String kind, String object) {
    kubernetes
        .genericKubernetesResources(apiVersion, kind)
        .inNamespace(name)
        .withName(object)
        .delete();
  }

  /**
   * Waits until the Deployment has rolled out its newest template and every replica is available.
   */
  public void awaitRollout(String deployment) {
    await("rollout of " + name + "/" + deployment)
        .atMost(POD_STARTS)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> rolledOut(deployment));
  }

  private boolean rolledOut(String deployment) {
    Deployment current =
        kubernetes.apps().deployments().inNamespace(name).withName(deployment).get();
    if (current == null || current.getStatus() == null) {
      return false;
    }
    int wanted = current.getSpec().getReplicas();
    return current.getMetadata().getGeneration().equals(current.getStatus().getObservedGeneration())
        && value(current.getStatus().getUpdatedReplicas()) == wanted
        && value(current.getStatus().getAvailableReplicas()) == wanted
        && value(current.getStatus().getReplicas()) == wanted;
  }

  private static int value(Integer count) {
    return count == null ? 0 : count;
  }

  /** {@code kubectl rollout restart}, and waits for it. */
  public void restart(String deployment) {
    kubernetes.apps().deployments().inNamespace(name).withName(deployment).rolling().restart();
    awaitRollout(deployment);
  }

  /** The running pods with the label {@code app}. */
  public List<Pod> pods(String app) {
    return kubernetes
        .pods()
        .inNamespace(name)
        .withLabel("app", app)
        .withField("status.phase", "Running")
        .list()
        .getItems();
  }

  /** The one running pod with the label {@code app}. */
  public Pod pod(String app) {
    List<Pod> pods =
        pods(app).stream().filter(pod -> pod.getMetadata().getDeletionTimestamp() == null).toList();
    if (pods.size() != 1) {
      throw new AssertionError(
          "pods with app=" + app + " in " + name + ": " + pods.size() + " (expected: 1)");
    }
    return pods.getFirst();
  }

  /**
   * Runs a command in a container and returns what it printed; its failure is an AssertionError
   * with what it printed.
   */
  public String execute(Pod pod, String container, String... command) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    try (var execution =
        kubernetes
            .pods()
            .inNamespace(name)
            .withName(pod.getMetadata().getName())
            .inContainer(container)
            .writingOutput(output)
            .writingError(errors)
            .exec(command)) {
      CompletableFuture<Integer> exitCode = execution.exitCode();
      int status = exitCode.get(60, TimeUnit.SECONDS);
      String printed = output.toString(StandardCharsets.UTF_8);
      if (status != 0) {
        throw new AssertionError(
            String.join(" ", command)
                + " in "
                + pod.getMetadata().getName()
                + " ended with "
                + status
                + ":\n"
                + printed
                + errors.toString(StandardCharsets.UTF_8));
      }
      return printed;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + String.join(" ", command), interrupted);
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException failed) {
      throw new AssertionError(
          String.join(" ", command)
              + " in "
              + pod.getMetadata().getName()
              + ": "
              + failed
              + "\n"
              + errors.toString(StandardCharsets.UTF_8),
          failed);
    }
  }

  /** The messages of the Events about an object, as {@code reason: message}. */
  public List<String> events(String kind, String object) {
    return kubernetes.v1().events().inNamespace(name).list().getItems().stream()
        .filter(event -> kind.equals(event.getInvolvedObject().getKind()))
        .filter(event -> object.equals(event.getInvolvedObject().getName()))
        .map(event -> event.getReason() + ": " + event.getMessage())
        .toList();
  }

  public HasMetadata get(String apiVersion, String kind, String object) {
    GenericKubernetesResource found =
        kubernetes
            .genericKubernetesResources(apiVersion, kind)
            .inNamespace(name)
            .withName(object)
            .get();
    if (found == null) {
      throw new AssertionError(kind + " " + name + "/" + object + " does not exist");
    }
    return found;
  }

  /** Reads JSON that a probe printed. */
  public static <T> T json(String text, Class<T> type) {
    return Serialization.unmarshal(text, type);
  }

  @Override
  public void close() {
    kubernetes.namespaces().withName(name).delete();
  }
}
