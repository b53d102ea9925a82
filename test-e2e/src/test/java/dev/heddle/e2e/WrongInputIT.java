package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.TrafficSplits;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mistake is told in a sentence that names the field, and everything else goes on. */
@MeshTest
class WrongInputIT {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accessControl: closed                                        | spec.accessControl",
        "namespace: Not_A_Name                                        | spec.namespace",
        "smiAdapter: {replicas: -1}                                   | spec.smiAdapter.replicas",
        "certificateAuthority: {certificateLifetime: tomorrow}        | spec.certificateAuthority.certificateLifetime",
        "proxy: {concurrency: 0}                                      | spec.proxy.concurrency",
        "proxy: {skipInboundPorts: [70000]}                           | spec.proxy.skipInboundPorts",
      })
  void aBadValueIsRefusedByItsField(String spec, String field, Mesh mesh) {
    assertThatThrownBy(() ->
            mesh.apply(
                "{apiVersion: heddle.dev/v1alpha1, kind: MeshInstall, metadata: {name: bad}, spec: {"
                    + spec
                    + "}}"))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining(field);
  }

  @Test
  void anUnknownImageIsNamedInTheConditions(Mesh mesh) {
    try {
      mesh.apply(
          """
          apiVersion: heddle.dev/v1alpha1
          kind: MeshInstall
          metadata: {name: unknown-image}
          spec:
            namespace: heddle-unknown-image
            images: {tag: no-such-tag, pullPolicy: Never}
          """);
      await()
          .atMost(Duration.ofSeconds(90))
          .untilAsserted(() ->
              assertThat(mesh.conditions("unknown-image"))
                  .anySatisfy(condition ->
                      assertThat(condition)
                          .startsWith("Ready=False")
                          .contains("heddle-ca:no-such-tag")));
      assertThat(mesh.conditions(Mesh.NAME)).anyMatch(c -> c.startsWith("Ready=True"));
    } finally {
      delete(mesh, "unknown-image");
    }
    await("its namespace to be deleted")
        .atMost(Duration.ofSeconds(90))
        .until(() -> mesh.kubernetes().namespaces().withName("heddle-unknown-image").get() == null);
  }

  @Test
  void theSecondOfTwoInstallsForOneNamespaceIsRefused(Mesh mesh) {
    try {
      mesh.apply("{apiVersion: heddle.dev/v1alpha1, kind: MeshInstall, metadata: {name: second}}");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(mesh.conditions("second"))
                  .anySatisfy(condition ->
                      assertThat(condition)
                          .startsWith("Accepted=False NamespaceTaken")
                          .contains(Mesh.NAMESPACE, Mesh.NAME)));
      assertThat(mesh.conditions(Mesh.NAME)).anyMatch(c -> c.startsWith("Ready=True"));
    } finally {
      delete(mesh, "second");
    }
    assertThat(mesh.componentPods("heddle-ca")).isNotEmpty();
    assertThat(mesh.conditions(Mesh.NAME)).anyMatch(c -> c.startsWith("Ready=True"));
  }

  @Test
  void aSplitThatNamesAMissingServiceGetsAnEventAndTheRestGoesOn(Mesh mesh) {
    try (TestNamespace shop = TestNamespace.inMesh(mesh.kubernetes(), "wrong")) {
      shop.apply(WebServer.manifest("web", "v1", 1) + "---\n" + WebServer.apex("web"));
      try (LoadGenerator client = LoadGenerator.deploy(shop, "client")) {
        shop.awaitRollout("web-v1");
        Map<String, Integer> weights = new LinkedHashMap<>();
        weights.put("web-v1", 50);
        weights.put("web-v9", 50);
        shop.apply(TrafficSplits.split("web", "web", weights));

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(shop.events("TrafficSplit", "web"))
                    .anySatisfy(
                        event -> assertThat(event).contains("spec.backends[1].service", "web-v9")));
        LoadGenerator.Run run = client.start(Load.requests("http://web:8080/", "http1", 500));
        await().atMost(Duration.ofSeconds(30)).until(() -> !run.report().running());
        LoadReport report = run.report();
        assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
        assertThat(report.versions()).isEqualTo(Map.of("v1", 500));
      }
    }
  }

  @Test
  void aBadAnnotationRefusesThePodWithASentence(Mesh mesh) {
    try (TestNamespace shop = TestNamespace.inMesh(mesh.kubernetes(), "wrong-pod")) {
      assertThatThrownBy(() ->
              shop.apply(
                  """
                  apiVersion: v1
                  kind: Pod
                  metadata:
                    name: bad
                    annotations: {heddle.dev/skip-inbound-ports: "80,notaport"}
                  spec:
                    containers: [{name: app, image: heddle-test-workload:0.1.0}]
                  """))
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("heddle.dev/skip-inbound-ports")
          .hasMessageContaining("notaport");
      assertThat(shop.kubernetes().pods().inNamespace(shop.name()).list().getItems())
          .isEqualTo(List.of());
    }
  }

  private static void delete(Mesh mesh, String name) {
    mesh.kubernetes().resources(MeshInstall.class).withName(name).delete();
    await("MeshInstall " + name + " to be deleted")
        .atMost(Duration.ofSeconds(90))
        .until(() -> mesh.kubernetes().resources(MeshInstall.class).withName(name).get() == null);
  }
}
