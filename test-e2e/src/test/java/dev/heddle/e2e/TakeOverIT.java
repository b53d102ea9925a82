package dev.heddle.e2e;

import static dev.heddle.e2e.workload.SmiClient.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.cluster.Cluster;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.Kubectl;
import dev.heddle.e2e.workload.SmiClient;
import dev.heddle.e2e.workload.SmiObjects;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Definitions that an earlier mesh installed, with their objects, taken over by the commands of
 * {@code docs/smi-versions.md}.
 */
@MeshTest
class TakeOverIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<String> CLIENT_SIDE = List.of("apply");
  private static final List<String> SERVER_SIDE =
      List.of("apply", "--server-side", "--force-conflicts");

  /** As linkerd-smi 0.2 installs it: the older of two versions is stored, nothing is converted. */
  private static final String TWO_VERSIONS =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: trafficsplits.split.smi-spec.io
      spec:
        group: split.smi-spec.io
        scope: Namespaced
        conversion: {strategy: None}
        names: {kind: TrafficSplit, listKind: TrafficSplitList, shortNames: [ts], plural: trafficsplits, singular: trafficsplit}
        versions:
          - name: v1alpha1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [service, backends]
                    properties:
                      service: {type: string}
                      backends:
                        type: array
                        items:
                          type: object
                          required: [service, weight]
                          properties:
                            service: {type: string}
                            weight: {x-kubernetes-int-or-string: true}
          - name: v1alpha2
            served: true
            storage: false
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [service, backends]
                    properties:
                      service: {type: string}
                      backends:
                        type: array
                        items:
                          type: object
                          required: [service, weight]
                          properties:
                            service: {type: string}
                            weight: {type: number}
      """;

  private static Kubectl kubectl;
  private static TestNamespace shop;
  private static SmiClient smi;

  @TempDir private Path folder;

  @BeforeAll
  static void prepare(Mesh mesh, Cluster cluster) {
    kubectl = new Kubectl(cluster.kubeconfig());
    shop = TestNamespace.outsideMesh(mesh.kubernetes(), "takeover");
    smi = new SmiClient(mesh.kubernetes(), shop.name());
  }

  @AfterAll
  static void remove() {
    shop.close();
  }

  /** A test that failed half way leaves the definitions to others as they are installed. */
  @AfterEach
  void restoreDefinitions() throws IOException {
    for (SmiObjects.Kind kind : convertedKinds().toList()) {
      kubectl(SERVER_SIDE, ours(kind));
      smi.awaitConversion(kind);
    }
  }

  static Stream<Arguments> earlierDefinitions() {
    SmiObjects.Kind splits = SmiObjects.kind("TrafficSplit");
    return Stream.concat(
        convertedKinds()
            .map(kind ->
                Arguments.argumentSet(
                    kind.kind() + " in one version, client-side",
                    kind,
                    oneVersion(kind),
                    CLIENT_SIDE)),
        Stream.of(
            Arguments.argumentSet(
                "TrafficSplit in two versions, client-side", splits, TWO_VERSIONS, CLIENT_SIDE),
            Arguments.argumentSet(
                "TrafficSplit in two versions, server-side", splits, TWO_VERSIONS, SERVER_SIDE)));
  }

  @ParameterizedTest
  @MethodSource("earlierDefinitions")
  void keepsEveryObject(SmiObjects.Kind kind, String earlier, List<String> apply)
      throws IOException {
    Path manifest = storeBy(kind, earlier);

    kubectl(apply, ours(kind));
    smi.awaitConversion(kind);

    // An object that is new looks in the newest version as one should that is old.
    GenericKubernetesResource written = kind.object(kind.oldest());
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .untilAsserted(() ->
            smi.objects(kind, kind.oldest()).resource(named(written, "new")).serverSideApply());
    assertThat(fields(get(kind, kind.newest(), "sample")))
        .isEqualTo(fields(get(kind, kind.newest(), "new")));
    assertThat(fields(get(kind, kind.oldest(), "sample"))).isEqualTo(fields(written));
    assertThat(storedVersions(kind)).containsExactlyInAnyOrder(kind.oldest(), kind.newest());
    // Whoever keeps it in a repository applies it again.
    kubectl.run("apply", "--namespace", shop.name(), "--filename", manifest.toString());
    assertThat(fields(get(kind, kind.oldest(), "sample"))).isEqualTo(fields(written));

    rewriteInTheNewestVersion(kind);
    assertThat(fields(get(kind, kind.oldest(), "sample"))).isEqualTo(fields(written));
    // The next release.
    kubectl(apply, ours(kind));
    smi.awaitConversion(kind);
    assertThat(storedVersions(kind)).containsExactly(kind.newest());
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .untilAsserted(() ->
            assertThat(fields(get(kind, kind.oldest(), "sample"))).isEqualTo(fields(written)));
    delete(kind, "sample");
    delete(kind, "new");
  }

  /** They have to list the objects before any of them is ready, and convert them themselves. */
  @Test
  void adaptersStartWhereObjectsAreStoredInAnOlderVersion(Mesh mesh) throws IOException {
    SmiObjects.Kind splits = SmiObjects.kind("TrafficSplit");
    storeBy(splits, TWO_VERSIONS);
    kubectl(SERVER_SIDE, ours(splits));
    smi.awaitConversion(splits);

    List<String> before = adapters(mesh).map(pod -> pod.getMetadata().getUid()).toList();
    adapters(mesh).forEach(pod -> mesh.kubernetes().resource(pod).delete());

    await("the adapters to be replaced and ready")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() ->
            assertThat(adapters(mesh))
                .hasSizeGreaterThanOrEqualTo(before.size())
                .allSatisfy(pod -> {
                  assertThat(before).doesNotContain(pod.getMetadata().getUid());
                  assertThat(Readiness.getInstance().isReady(pod)).isTrue();
                }));
    GenericKubernetesResource split = get(splits, splits.newest(), "sample");
    assertThat(split.<Integer>get("spec", "backends", 0, "weight")).isEqualTo(2);
    assertThat(split.<Integer>get("spec", "backends", 1, "weight")).isEqualTo(1);
    delete(splits, "sample");
  }

  /**
   * Installs the definition of an earlier mesh in place of ours, and has an object stored by it.
   *
   * @return the manifest of the object
   */
  private Path storeBy(SmiObjects.Kind kind, String earlier) throws IOException {
    assumeThat(smi.isUsed(kind)).as("objects of others, which would be deleted").isFalse();
    kubectl.run("delete", "crd", kind.definition());
    kubectl(CLIENT_SIDE, file("earlier.yaml", earlier));
    Path manifest = file("object.yaml", Serialization.asYaml(kind.object(kind.oldest())));
    await("the earlier definition to be served")
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    kubectl.attempt(
                        "apply", "--namespace", shop.name(), "--filename", manifest.toString()))
                .satisfies(output -> assertThat(output.status()).as(output.error()).isZero()));
    return manifest;
  }

  private void rewriteInTheNewestVersion(SmiObjects.Kind kind) {
    await("the objects to be written without a conflict")
        .atMost(SOON)
        .untilAsserted(() -> {
          String all =
              kubectl
                  .run("get", kind.definition(), "--namespace", shop.name(), "--output", "json")
                  .standard();
          String manifest = file("all.json", all).toString();
          assertThat(kubectl.attempt("replace", "--filename", manifest))
              .satisfies(output -> assertThat(output.status()).as(output.error()).isZero());
        });
    kubectl.run(
        "patch",
        "crd",
        kind.definition(),
        "--subresource=status",
        "--type=merge",
        "--patch={\"status\":{\"storedVersions\":[\"" + kind.newest() + "\"]}}");
  }

  private static void kubectl(List<String> apply, Path manifest) {
    kubectl.run(
        Stream.concat(apply.stream(), Stream.of("--filename", manifest.toString()))
            .toArray(String[]::new));
  }

  private Path ours(SmiObjects.Kind kind) throws IOException {
    return file("ours.yaml", SmiObjects.definition(kind.definition()));
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static GenericKubernetesResource get(SmiObjects.Kind kind, String version, String name) {
    return Objects.requireNonNull(
        smi.objects(kind, version).withName(name).get(),
        () -> name + " in " + version + " is lost");
  }

  private static void delete(SmiObjects.Kind kind, String name) {
    smi.objects(kind, kind.newest()).withName(name).delete();
  }

  private static GenericKubernetesResource named(GenericKubernetesResource object, String name) {
    return new GenericKubernetesResourceBuilder(object)
        .editMetadata()
        .withName(name)
        .endMetadata()
        .build();
  }

  private static List<String> storedVersions(SmiObjects.Kind kind) {
    return Objects.requireNonNull(smi.definition(kind)).getStatus().getStoredVersions();
  }

  private static Stream<Pod> adapters(Mesh mesh) {
    return mesh.componentPods("heddle-smi-adapter").stream();
  }

  private static Stream<SmiObjects.Kind> convertedKinds() {
    return SmiObjects.kinds().stream().filter(kind -> kind.versions().size() > 1);
  }

  /** The oldest version alone, checked by nothing. */
  private static String oneVersion(SmiObjects.Kind kind) {
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: %s
    spec:
      group: %s
      scope: Namespaced
      names: {kind: %s, plural: %s}
      versions:
        - name: %s
          served: true
          storage: true
          schema:
            openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
    """
        .formatted(kind.definition(), kind.group(), kind.kind(), kind.plural(), kind.oldest());
  }
}
