package dev.heddle.e2e.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.crds.install.Condition;
import dev.heddle.crds.install.MeshInstall;
import dev.heddle.e2e.cluster.ClusterExtension.RunningCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Heddle, installed from the images and the manifest that a user gets. */
public final class Mesh implements AutoCloseable {

  public static final String NAME = "heddle";
  public static final String NAMESPACE = "heddle-system";
  public static final String OPERATOR_NAMESPACE = "heddle-operator";
  public static final List<String> COMPONENTS = List.of("heddle-ca", "heddle-smi-adapter");

  private static final Logger LOG = LoggerFactory.getLogger(Mesh.class);
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path INSTALL_MANIFEST = ROOT.resolve("config/target/install.yaml");
  private static final List<Path> IMAGES =
      List.of(ROOT.resolve("images/target"), ROOT.resolve("test-e2e/images/target"));
  private static final Duration BECOMES_READY = Duration.ofMinutes(3);
  private static final int HEALTH_PORT = 15020;

  private final KubernetesClient kubernetes;

  private Mesh(KubernetesClient kubernetes) {
    this.kubernetes = kubernetes;
  }

  /**
   * Loads the images, applies the manifest and a MeshInstall without any setting, and waits until
   * it is ready.
   */
  static Mesh install(RunningCluster running) {
    for (Path image : images()) {
      running.cluster().loadImage(image);
    }
    Mesh mesh = new Mesh(running.client());
    mesh.apply(read(INSTALL_MANIFEST));
    mesh.install();
    return mesh;
  }

  /** Creates the MeshInstall and waits until it is ready. */
  public void install() {
    apply("{apiVersion: heddle.dev/v1alpha1, kind: MeshInstall, metadata: {name: " + NAME + "}}");
    awaitReady();
  }

  /** Refuses what nothing grants, in the whole mesh, until it is closed. */
  public AutoCloseable enforceAccess() {
    accessControl("enforced");
    return () -> accessControl("permissive");
  }

  /** Sets {@code spec.accessControl}, and returns before any proxy knows. */
  public void accessControl(String value) {
    patchSpec("{\"accessControl\":\"" + value + "\"}");
  }

  /** Sets {@code spec.metrics.window}, and returns before any replica of the adapter knows. */
  public void metricsWindow(String value) {
    patchSpec("{\"metrics\":{\"window\":\"" + value + "\"}}");
  }

  private void patchSpec(String mergePatch) {
    kubernetes
        .resources(MeshInstall.class)
        .withName(NAME)
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + mergePatch + "}");
  }

  public KubernetesClient kubernetes() {
    return kubernetes;
  }

  /**
   * Applies a manifest of cluster-scoped objects, or of objects that name their namespace. The line
   * before it tells the client that a manifest that begins with a brace is YAML all the same.
   */
  public void apply(String manifest) {
    kubernetes
        .load(new ByteArrayInputStream(("---\n" + manifest).getBytes(StandardCharsets.UTF_8)))
        .forceConflicts()
        .serverSideApply();
  }

  /**
   * Waits until the MeshInstall's condition Ready is true for its newest generation, and its parts
   * run: while the operator is away, its last word stands.
   */
  public void awaitReady() {
    LOG.info("Waiting for MeshInstall {} to be ready", NAME);
    await("MeshInstall " + NAME + " ready")
        .atMost(BECOMES_READY)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() ->
            assertThat(conditions(NAME))
                .as("conditions")
                .anyMatch(condition -> condition.startsWith("Ready=True")));
    for (String component : COMPONENTS) {
      await(component + " available")
          .atMost(BECOMES_READY)
          .pollInterval(Duration.ofMillis(500))
          .until(() -> available(component));
    }
    LOG.info("MeshInstall {} is ready", NAME);
  }

  /**
   * The conditions of a MeshInstall as {@code Type=Status Reason: message}; none while its status
   * is behind its generation.
   */
  public List<String> conditions(String name) {
    MeshInstall install = kubernetes.resources(MeshInstall.class).withName(name).get();
    if (install == null
        || install.getStatus() == null
        || install.getStatus().conditions() == null
        || !install
            .getMetadata()
            .getGeneration()
            .equals(install.getStatus().observedGeneration())) {
      return List.of();
    }
    return install.getStatus().conditions().stream()
        .map(c -> c.type() + "=" + shown(c.status()) + " " + c.reason() + ": " + c.message())
        .toList();
  }

  private boolean available(String component) {
    Deployment deployment =
        kubernetes.apps().deployments().inNamespace(NAMESPACE).withName(component).get();
    return deployment != null
        && deployment.getSpec().getReplicas() > 0
        && deployment.getSpec().getReplicas().equals(deployment.getStatus().getReadyReplicas());
  }

  private static String shown(Condition.Status status) {
    return switch (status) {
      case TRUE -> "True";
      case FALSE -> "False";
      case UNKNOWN -> "Unknown";
    };
  }

  /** One running pod of the component {@code heddle-ca} or {@code heddle-smi-adapter}. */
  public Pod componentPod(String component) {
    return componentPods(component).stream()
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no running pod of " + component));
  }

  public List<Pod> componentPods(String component) {
    return kubernetes
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/component", component)
        .list()
        .getItems();
  }

  /** Ends the component's pods at once, without giving them time to say farewell. */
  public void kill(String component) {
    for (Pod pod : componentPods(component)) {
      kubernetes.resource(pod).withGracePeriod(0).delete();
    }
  }

  public void scale(String namespace, String deployment, int replicas) {
    kubernetes.apps().deployments().inNamespace(namespace).withName(deployment).scale(replicas);
  }

  /** What the pod's proxy, or the pod of a component, counts. */
  public Metrics metrics(Pod pod) {
    try (LocalPortForward forward =
            kubernetes
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .portForward(HEALTH_PORT);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + forward.getLocalPort() + "/metrics"))
                  .timeout(Duration.ofSeconds(10))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      return Metrics.parse(response.body());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    } catch (IOException failed) {
      throw new UncheckedIOException("metrics of " + pod.getMetadata().getName(), failed);
    }
  }

  /**
   * Removes the mesh and the operator, as the README says, so that a cluster that goes on is left
   * as it was.
   */
  @Override
  public void close() {
    kubernetes.resources(MeshInstall.class).withName(NAME).delete();
    await("MeshInstall deleted")
        .atMost(Duration.ofMinutes(1))
        .until(() -> kubernetes.resources(MeshInstall.class).withName(NAME).get() == null);
    kubernetes
        .load(new ByteArrayInputStream(read(INSTALL_MANIFEST).getBytes(StandardCharsets.UTF_8)))
        .delete();
  }

  private static List<Path> images() {
    List<Path> found = new ArrayList<>();
    for (Path folder : IMAGES) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .filter(file -> file.getFileName().toString().matches("heddle-[a-z-]+\\.tar"))
            .filter(file -> !file.getFileName().toString().endsWith("-top.tar"))
            .sorted()
            .forEach(found::add);
      } catch (IOException missing) {
        throw new UncheckedIOException(
            "no images in " + folder + "; run `make images` first", missing);
      }
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException missing) {
      throw new UncheckedIOException(
          file + " cannot be read; run `make install-manifest` first", missing);
    }
  }
}
