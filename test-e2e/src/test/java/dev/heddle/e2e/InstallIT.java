package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.crds.install.ComponentStatus;
import dev.heddle.crds.install.MeshInstall;
import dev.heddle.crds.install.MeshInstallStatus;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.mesh.RootCertificate;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator keeps the cluster as the MeshInstall says, and says in its status how it stands. */
@MeshTest
class InstallIT {

  private static final Duration REPAIRED = Duration.ofSeconds(60);

  @Test
  void theStatusTellsComponentsAndCertificates(Mesh mesh) {
    MeshInstall install =
        mesh.kubernetes().resources(MeshInstall.class).withName(Mesh.NAME).require();
    MeshInstallStatus status = install.getStatus();
    assertThat(status.observedGeneration()).isEqualTo(install.getMetadata().getGeneration());
    assertThat(status.components())
        .extracting(ComponentStatus::name)
        .containsExactlyInAnyOrderElementsOf(Mesh.COMPONENTS);
    assertThat(status.components())
        .allSatisfy(component ->
            assertThat(component.readyReplicas()).isEqualTo(component.desiredReplicas()));
    assertThat(status.certificateExpiry()).isNotNull();
    assertThat(status.certificateExpiry().earliest())
        .isBeforeOrEqualTo(status.certificateExpiry().root());
  }

  @Test
  void driftIsRepaired(Mesh mesh) {
    KubernetesClient kubernetes = mesh.kubernetes();
    ClusterRole role =
        kubernetes.rbac().clusterRoles().withName("heddle-smi-adapter-" + Mesh.NAMESPACE).require();
    int replicas = deployment(mesh, "heddle-ca").getSpec().getReplicas();
    String service =
        kubernetes
            .services()
            .inNamespace(Mesh.NAMESPACE)
            .withName("heddle-smi-adapter")
            .require()
            .getMetadata()
            .getUid();

    kubernetes.services().inNamespace(Mesh.NAMESPACE).withName("heddle-smi-adapter").delete();
    kubernetes
        .rbac()
        .clusterRoles()
        .withName(role.getMetadata().getName())
        .edit(current -> current.edit().withRules(List.of()).build());
    mesh.scale(Mesh.NAMESPACE, "heddle-ca", 0);

    await("repairs")
        .atMost(REPAIRED)
        .untilAsserted(() -> {
          var restored =
              kubernetes
                  .services()
                  .inNamespace(Mesh.NAMESPACE)
                  .withName("heddle-smi-adapter")
                  .get();
          assertThat(restored).as("the Service").isNotNull();
          assertThat(restored.getMetadata().getUid()).as("a new Service").isNotEqualTo(service);
          assertThat(
                  kubernetes
                      .rbac()
                      .clusterRoles()
                      .withName(role.getMetadata().getName())
                      .require()
                      .getRules())
              .isEqualTo(role.getRules());
          assertThat(deployment(mesh, "heddle-ca").getSpec().getReplicas()).isEqualTo(replicas);
        });
    mesh.awaitReady();
  }

  @Test
  void aChangeRollsOut(Mesh mesh) {
    String before = deployment(mesh, "heddle-smi-adapter").getMetadata().getResourceVersion();
    try {
      mesh.apply(
          """
          apiVersion: heddle.dev/v1alpha1
          kind: MeshInstall
          metadata: {name: %s}
          spec:
            smiAdapter: {replicas: 1}
            certificateAuthority: {resources: {requests: {cpu: 11m}}}
          """
              .formatted(Mesh.NAME));
      await("the new pods")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> {
            assertThat(mesh.componentPods("heddle-smi-adapter")).hasSize(1);
            assertThat(mesh.componentPods("heddle-ca"))
                .hasSize(2)
                .allSatisfy(pod ->
                    assertThat(
                            pod.getSpec()
                                .getContainers()
                                .getFirst()
                                .getResources()
                                .getRequests()
                                .get("cpu"))
                        .hasToString("11m"));
          });
      mesh.awaitReady();
      assertThat(deployment(mesh, "heddle-smi-adapter").getMetadata().getResourceVersion())
          .isNotEqualTo(before);
    } finally {
      mesh.install();
    }
    await("the old number of adapters")
        .atMost(REPAIRED)
        .untilAsserted(() -> assertThat(mesh.componentPods("heddle-smi-adapter")).hasSize(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"heddle-ca", "heddle-smi-adapter"})
  void anotherReplicaTakesTheLeaseOver(String component, Mesh mesh) {
    mesh.awaitReady();
    String before = holder(mesh, component);
    assertThat(mesh.componentPods(component))
        .extracting(pod -> pod.getMetadata().getName())
        .contains(before);

    // Without a farewell, so that the Lease has to run out.
    mesh.kubernetes()
        .pods()
        .inNamespace(Mesh.NAMESPACE)
        .withName(before)
        .withGracePeriod(0)
        .delete();

    await("a new holder of Lease " + component)
        .atMost(REPAIRED)
        .untilAsserted(() ->
            assertThat(mesh.componentPods(component))
                .extracting(pod -> pod.getMetadata().getName())
                .doesNotContain(before)
                .contains(holder(mesh, component)));
    mesh.awaitReady();
  }

  private static String holder(Mesh mesh, String lease) {
    return mesh.kubernetes()
        .leases()
        .inNamespace(Mesh.NAMESPACE)
        .withName(lease)
        .require()
        .getSpec()
        .getHolderIdentity();
  }

  @Test
  void aRootOfTheUsersOwnSignsTheMeshsCertificates(Mesh mesh) throws Exception {
    KubernetesClient kubernetes = mesh.kubernetes();
    String name = "own-root";
    RootCertificate root = RootCertificate.make("Example Root");
    try {
      kubernetes
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .create();
      kubernetes.resource(root.secret("company-root")).inNamespace(name).create();
      mesh.apply(
          """
          apiVersion: heddle.dev/v1alpha1
          kind: MeshInstall
          metadata: {name: own-root}
          spec:
            namespace: own-root
            certificateAuthority: {rootSecretName: company-root, replicas: 1}
            smiAdapter: {replicas: 1}
          """);
      await("MeshInstall own-root ready")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () -> assertThat(mesh.conditions(name)).anyMatch(c -> c.startsWith("Ready=True")));

      Secret intermediate =
          kubernetes.secrets().inNamespace(name).withName("heddle-intermediate").require();
      certificate(intermediate.getData().get("tls.crt")).verify(root.keys().getPublic());
      assertThat(kubernetes.secrets().inNamespace(name).withName("heddle-root").get()).isNull();
    } finally {
      kubernetes.resources(MeshInstall.class).withName(name).delete();
      await("MeshInstall own-root deleted")
          .atMost(Duration.ofMinutes(1))
          .until(() -> kubernetes.resources(MeshInstall.class).withName(name).get() == null);
      assertThat(kubernetes.secrets().inNamespace(name).withName("company-root").get())
          .as("the user's Secret, after the MeshInstall is gone")
          .isNotNull();
      kubernetes.namespaces().withName(name).delete();
    }
  }

  private static X509Certificate certificate(@Nullable String base64) throws Exception {
    assertThat(base64).isNotNull();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
  }

  private static Deployment deployment(Mesh mesh, String name) {
    return mesh.kubernetes()
        .apps()
        .deployments()
        .inNamespace(Mesh.NAMESPACE)
        .withName(name)
        .require();
  }
}
