package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sidecar is there before the app and gone after it. */
@MeshTest
class FirstMillisecondIT {

  private static TestNamespace shop;

  @BeforeAll
  static void deploy(Mesh mesh) {
    shop = TestNamespace.inMesh(mesh.kubernetes(), "job");
    shop.apply(WebServer.manifest("web", "v1", 1));
    shop.awaitRollout("web-v1");
  }

  @AfterAll
  static void remove() {
    shop.close();
  }

  @Test
  void aJobThatCallsOutInItsFirstMillisecondCompletes() {
    shop.apply(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: first}
        spec:
          backoffLimit: 0
          completions: 3
          parallelism: 3
          template:
            metadata: {labels: {app: first}}
            spec:
              restartPolicy: Never
              containers:
                - name: call
                  image: heddle-test-workload:0.1.0
                  args: [call, -target, "http://web-v1:8080/", -count, "1"]
        """);

    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> {
          Job job =
              shop.kubernetes()
                  .batch()
                  .v1()
                  .jobs()
                  .inNamespace(shop.name())
                  .withName("first")
                  .get();
          assertThat(job.getStatus().getFailed()).as("failed pods").isNull();
          assertThat(job.getStatus().getSucceeded()).isEqualTo(3);
          assertThat(job.getStatus().getConditions())
              .anyMatch(c -> c.getType().equals("Complete") && c.getStatus().equals("True"));
        });
    assertThat(
            shop.kubernetes()
                .pods()
                .inNamespace(shop.name())
                .withLabel("app", "first")
                .list()
                .getItems())
        .hasSize(3)
        .allSatisfy(pod ->
            assertThat(pod.getSpec().getInitContainers())
                .extracting("name")
                .contains("heddle-proxy"));
  }
}
