package dev.heddle.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every other test takes for granted of the cluster, whichever it is. */
@OnCluster
class ClusterIT {

  private static final String NAMESPACE = "cluster-it";

  private final KubernetesClient client;

  ClusterIT(KubernetesClient client) {
    this.client = client;
  }

  @BeforeEach
  void createNamespace() {
    var namespace =
        new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build();
    client.resource(namespace).serverSideApply();
  }

  @AfterEach
  void deleteNamespace() {
    client.namespaces().withName(NAMESPACE).delete();
  }

  @Test
  void everyNodeIsReady() {
    assertThat(client.nodes().list().getItems())
        .isNotEmpty()
        .allSatisfy(node ->
            assertThat(node.getStatus().getConditions())
                .anySatisfy(condition -> {
                  assertThat(condition.getType()).isEqualTo("Ready");
                  assertThat(condition.getStatus()).isEqualTo("True");
                }));
  }

  @Test
  void nativeSidecarsAreKnown() {
    // Kubernetes 1.29 is the first that starts them without a feature gate.
    assertThat(Integer.parseInt(client.getKubernetesVersion().getMinor().replace("+", "")))
        .isGreaterThanOrEqualTo(29);
  }

  @Test
  void theNodesNetworkCanBeEntered(Cluster cluster) {
    assertThat(cluster.nodeNetwork())
        .satisfies(network ->
            assertThatCode(
                    () -> {
                      if (network.isPresent()) {
                        Process process = network.get().process("ip", "route").inheritIO().start();
                        assertThat(process.waitFor()).isZero();
                      }
                    })
                .doesNotThrowAnyException());
  }

  @Test
  void aFailureLeavesEventsAndObjects(@TempDir Path folder) throws IOException {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("imageless")
            .withNamespace(NAMESPACE)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("imageless")
            .withImage("heddle.dev/no-such-image:1")
            .withImagePullPolicy("Never")
            .endContainer()
            .endSpec()
            .build();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThatCode(() -> client.resource(pod).serverSideApply())
                .doesNotThrowAnyException());

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> {
          new ClusterDump(client, folder).write("a cluster", new AssertionError("what went wrong"));
          assertThat(folder.resolve("failure.txt")).content().contains("what went wrong");
          assertThat(folder.resolve("events.txt")).content().contains("ErrImageNeverPull");
        });
    assertThat(folder.resolve("objects/pods.yaml")).content().contains("no-such-image");
    assertThat(Files.readString(folder.resolve(NAMESPACE + "/imageless/imageless.log")))
        .contains("not to be had");
  }
}
