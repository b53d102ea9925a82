package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.crds.install.MeshInstall;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.LoadGenerator;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import dev.heddle.e2e.workload.LoadReport;
import dev.heddle.e2e.workload.TestNamespace;
import dev.heddle.e2e.workload.WebServer;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code kubectl delete meshinstall} leaves nothing of Heddle behind but applications that go on
 * serving.
 */
@MeshTest
class UninstallIT {

  @Test
  void leavesNothingAndAppsGoOnServing(Mesh mesh) {
    KubernetesClient kubernetes = mesh.kubernetes();
    try (TestNamespace shop = TestNamespace.inMesh(kubernetes, "uninstall")) {
      shop.apply(WebServer.manifest("web", "v1", 1));
      shop.apply(
          """
          apiVersion: specs.smi-spec.io/v1alpha2
          kind: HTTPRouteGroup
          metadata: {name: api}
          matches: [{name: read, pathRegex: /items.*}]
          """);
      try (LoadGenerator client = LoadGenerator.deploy(shop, "client")) {
        shop.awaitRollout("web-v1");
        LoadGenerator.Run run = client.start(Load.rate("http://web-v1:8080/", "http1", 100));
        await().atMost(Duration.ofSeconds(20)).until(() -> run.report().requests() > 100);

        kubernetes.resources(MeshInstall.class).withName(Mesh.NAME).delete();
        await("MeshInstall and its namespace to be gone")
            .atMost(Duration.ofSeconds(90))
            .until(() ->
                kubernetes.resources(MeshInstall.class).withName(Mesh.NAME).get() == null
                    && kubernetes.namespaces().withName(Mesh.NAMESPACE).get() == null);
        assertThat(objectsOfTheMesh(kubernetes)).isEmpty();
        isReadAsItIsStored(kubernetes, shop);

        long gone = client.now();
        await().atMost(Duration.ofSeconds(20)).until(() -> run.since(gone).requests() > 300);
        LoadReport report = run.stop();
        assertThat(report.failures()).as("failures: %s", report.errors()).isZero();
      }

      // Pods start again without a sidecar: nothing of the webhook is left in the way.
      shop.restart("web-v1");
      assertThat(shop.pod("web").getSpec().getInitContainers()).isEmpty();

      kubernetes.namespaces().withName(shop.name()).delete();
      await("the application's namespace to be deleted")
          .atMost(Duration.ofMinutes(1))
          .until(() -> kubernetes.namespaces().withName(shop.name()).get() == null);
    }
    mesh.install();
  }

  /** Nobody converts any more: the newest version has the object, no version loses any of it. */
  private static void isReadAsItIsStored(KubernetesClient kubernetes, TestNamespace shop) {
    assertThat(
            kubernetes
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("httproutegroups.specs.smi-spec.io")
                .get()
                .getSpec()
                .getConversion()
                .getStrategy())
        .isEqualTo("None");
    for (String version : List.of("v1alpha4", "v1alpha2")) {
      await(version + " to be served without conversion")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(KubernetesClientException.class)
          .untilAsserted(() ->
              assertThat(shop.get("specs.smi-spec.io/" + version, "HTTPRouteGroup", "api"))
                  .isInstanceOfSatisfying(
                      GenericKubernetesResource.class,
                      object ->
                          assertThat(object.<String>get("spec", "matches", 0, "pathRegex"))
                              .isEqualTo("/items.*")));
    }
  }

  /**
   * Every object of every kind that carries Heddle's labels, except the operator's own and the
   * CRDs.
   */
  private static List<String> objectsOfTheMesh(KubernetesClient kubernetes) {
    List<String> found = new ArrayList<>();
    for (var group : kubernetes.getApiGroups().getGroups()) {
      String version = group.getPreferredVersion().getVersion();
      String groupVersion = group.getPreferredVersion().getGroupVersion();
      for (APIResource resource : kubernetes.getApiResources(groupVersion).getResources()) {
        found.addAll(labelled(kubernetes, group.getName(), version, resource));
      }
    }
    for (APIResource resource : kubernetes.getApiResources("v1").getResources()) {
      found.addAll(labelled(kubernetes, "", "v1", resource));
    }
    return found;
  }

  private static List<String> labelled(
      KubernetesClient kubernetes, String group, String version, APIResource resource) {
    if (resource.getName().contains("/") || !resource.getVerbs().contains("list")) {
      return List.of();
    }
    ResourceDefinitionContext context =
        new ResourceDefinitionContext.Builder()
            .withGroup(group)
            .withVersion(version)
            .withKind(resource.getKind())
            .withPlural(resource.getName())
            .withNamespaced(resource.getNamespaced())
            .build();
    var resources = kubernetes.genericKubernetesResources(context);
    List<GenericKubernetesResource> items =
        resource.getNamespaced()
            ? resources.inAnyNamespace().withLabel("heddle.dev/meshinstall").list().getItems()
            : resources.withLabel("heddle.dev/meshinstall").list().getItems();
    return items.stream()
        .map(item ->
            item.getKind()
                + " "
                + item.getMetadata().getNamespace()
                + "/"
                + item.getMetadata().getName())
        .toList();
  }
}
