package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * No adapter can start for a while: the API of traffic metrics goes with it, and namespaces can be
 * deleted all the same.
 */
@MeshTest
class TrafficMetricsAwayIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final List<String> API_SERVICES =
      List.of("v1alpha1.metrics.smi-spec.io", "v1alpha2.metrics.smi-spec.io");

  @Test
  void aNamespaceCanBeDeletedWhileNoAdapterAnswers(Mesh mesh) {
    KubernetesClient kubernetes = mesh.kubernetes();
    await("the API to be there").atMost(PATIENCE).until(() -> registered(kubernetes) == 2);
    TestNamespace doomed = TestNamespace.outsideMesh(kubernetes, "doomed");
    schedulable(kubernetes, false);
    try {
      mesh.kill("heddle-smi-adapter");
      await("the API to be gone").atMost(PATIENCE).until(() -> registered(kubernetes) == 0);

      doomed.close();

      await("namespace " + doomed.name() + " to be gone")
          .atMost(PATIENCE)
          .until(() -> kubernetes.namespaces().withName(doomed.name()).get() == null);
    } finally {
      schedulable(kubernetes, true);
    }
    mesh.awaitReady();
    await("the API to be there again and to answer")
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(API_SERVICES)
                .allSatisfy(name ->
                    assertThat(kubernetes.resources(APIService.class).withName(name).get())
                        .isNotNull()
                        .satisfies(service ->
                            assertThat(service.getStatus().getConditions())
                                .anySatisfy(condition ->
                                    assertThat(condition.getType() + "=" + condition.getStatus())
                                        .isEqualTo("Available=True")))));
  }

  private static long registered(KubernetesClient kubernetes) {
    return API_SERVICES.stream()
        .filter(name -> kubernetes.resources(APIService.class).withName(name).get() != null)
        .count();
  }

  private static void schedulable(KubernetesClient kubernetes, boolean schedulable) {
    for (Node node : kubernetes.nodes().list().getItems()) {
      kubernetes
          .nodes()
          .withName(node.getMetadata().getName())
          .edit(current ->
              new NodeBuilder(current)
                  .editSpec()
                  .withUnschedulable(schedulable ? null : true)
                  .endSpec()
                  .build());
    }
  }
}
