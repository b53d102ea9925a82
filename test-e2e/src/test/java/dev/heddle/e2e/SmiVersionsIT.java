package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.SmiObjects;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients of any version of the Service Mesh Interface, on a real API server. */
@MeshTest
class SmiVersionsIT {
  private static final String SPLITS = "trafficsplits.split.smi-spec.io";
  private static final Duration SOON = Duration.ofSeconds(60);

  /** As linkerd-smi 0.2 installs it: the older of two versions is stored, nothing is converted. */
  private static final String EARLIER_DEFINITION =
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

  private static KubernetesClient kubernetes;
  private static TestNamespace shop;

  @BeforeAll
  static void prepare(Mesh mesh) {
    kubernetes = mesh.kubernetes();
    shop = TestNamespace.outsideMesh(kubernetes, "versions");
    SmiObjects.kinds()
        .forEach(kind -> {
          if (kind.versions().size() > 1) {
            awaitConversion(kind.definition());
          }
        });
  }

  @AfterAll
  static void remove() {
    shop.close();
  }

  static Stream<Arguments> pairs() {
    return SmiObjects.kinds().stream()
        .flatMap(kind ->
            kind.versions().stream()
                .flatMap(from ->
                    kind.versions().stream().map(to -> Arguments.of(kind.kind(), from, to))));
  }

  /** Created in one version, seen and written back in another, it is still what was written. */
  @ParameterizedTest
  @MethodSource("pairs")
  void isSeenAndWrittenInEveryVersion(String kindName, String from, String to) throws Exception {
    SmiObjects.Kind kind = SmiObjects.kind(kindName);
    GenericKubernetesResource written = kind.object(from);
    objects(kind, from).resource(written).create();
    try {
      GenericKubernetesResource seen = objects(kind, to).withName("sample").get();

      assertThat(seen.getApiVersion()).isEqualTo(kind.group() + "/" + to);
      assertThat(objects(kind, to).list().getItems())
          .filteredOn(item -> item.getMetadata().getName().equals("sample"))
          .singleElement()
          .satisfies(item -> assertThat(fields(item)).isEqualTo(fields(seen)));
      assertThat(fields(watched(kind, to, seen.getMetadata().getUid()))).isEqualTo(fields(seen));

      writeBack(kind, to);
      GenericKubernetesResource back = objects(kind, from).withName("sample").get();
      assertThat(back.getMetadata().getLabels()).containsEntry("written-back", "true");
      assertThat(fields(back)).isEqualTo(fields(written));
    } finally {
      objects(kind, from).withName("sample").delete();
      await().atMost(SOON).until(() -> objects(kind, from).withName("sample").get() == null);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "split.smi-spec.io/v1alpha2 | TrafficSplit | spec: {service: a, backends: []} | at least one backend",
        "split.smi-spec.io/v1alpha4 | TrafficSplit | spec: {service: a, backends: [{service: b, weight: -1}]} | weight",
        "split.smi-spec.io/v1alpha2 | TrafficSplit | spec: {service: a, backends: [{service: b, weight: 0.5}]} | weight",
        "split.smi-spec.io/v1alpha2 | TrafficSplit | spec: {service: a, backends: [{service: b, weight: 1}], matches: [{kind: HTTPRouteGroup, name: g}]} | v1alpha2 has none",
        "specs.smi-spec.io/v1alpha4 | HTTPRouteGroup | spec: {matches: [{name: a, pathRegex: 'a['}]} | spec.matches[0].pathRegex",
        "specs.smi-spec.io/v1alpha4 | HTTPRouteGroup | matches: [{name: a}] | spec",
        "specs.smi-spec.io/v1alpha1 | HTTPRouteGroup | matches: [{name: a, headers: {x: y}}] | matches[0].headers",
        "specs.smi-spec.io/v1alpha1 | HTTPRouteGroup | matches: [{name: a, methods: [FETCH]}] | FETCH",
        "specs.smi-spec.io/v1alpha2 | TCPRoute | spec: {matches: {ports: [80]}} | v1alpha2 has none",
        "specs.smi-spec.io/v1alpha3 | TCPRoute | spec: {matches: {ports: [80]}} | v1alpha3 has none",
        "specs.smi-spec.io/v1alpha4 | UDPRoute | spec: {matches: {ports: [0]}} | ports",
        "access.smi-spec.io/v1alpha3 | TrafficTarget | spec: {destination: {kind: ServiceAccount, name: a, port: 80}} | heddle.dev/destination-port",
        "access.smi-spec.io/v1alpha2 | TrafficTarget | spec: {destination: {kind: ServiceAccount, name: a, namespace: elsewhere}} | foreignTrafficTargets",
        "access.smi-spec.io/v1alpha1 | TrafficTarget | 'destination: {kind: Group, name: a}' | destination.kind: Group",
      })
  void whatCanOnlyBeAMistakeIsRefused(
      String apiVersion, String kind, String fields, String message) {
    assertThatThrownBy(() ->
            shop.apply(
                "apiVersion: %s\nkind: %s\nmetadata: {name: mistake}\n%s\n"
                    .formatted(apiVersion, kind, fields)))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining(message);
  }

  /** What refers to what does not exist yet is no mistake. */
  @Test
  void orderOfCreationIsFree() {
    shop.apply(
        """
        apiVersion: access.smi-spec.io/v1alpha1
        kind: TrafficTarget
        metadata: {name: early}
        destination: {kind: ServiceAccount, name: nobody}
        sources: []
        specs: [{kind: HTTPRouteGroup, name: nothing, matches: [none]}]
        """);
    shop.delete("access.smi-spec.io/v1alpha3", "TrafficTarget", "early");
  }

  @Test
  void aClientThatWritesAnewInAnOlderVersionDoesNotOpenWhatItCannotSee() {
    SmiObjects.Kind groups = SmiObjects.kind("HTTPRouteGroup");
    GenericKubernetesResource written = groups.object("v1alpha4");
    objects(groups, "v1alpha4").resource(written).create();
    try {
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThatThrownBy(() -> writeAnew(groups, "v1alpha1"))
                  .isInstanceOf(KubernetesClientException.class)
                  .hasMessageContaining("heddle.dev/headers"));
      assertThat(fields(objects(groups, "v1alpha4").withName("sample").get()))
          .isEqualTo(fields(written));
    } finally {
      objects(groups, "v1alpha4").withName("sample").delete();
    }
  }

  @Test
  void takesOverWhatAnEarlierMeshStored(Mesh mesh) {
    SmiObjects.Kind splits = SmiObjects.kind("TrafficSplit");
    assumeThat(
            kubernetes
                .genericKubernetesResources(context(splits, "v1alpha4"))
                .inAnyNamespace()
                .list()
                .getItems())
        .as("TrafficSplits of others, which would be deleted")
        .isEmpty();
    kubernetes.apiextensions().v1().customResourceDefinitions().withName(SPLITS).delete();
    await().atMost(SOON).until(() -> definition(SPLITS) == null);
    mesh.apply(EARLIER_DEFINITION);
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .untilAsserted(() -> objects(splits, "v1alpha1").list());
    objects(splits, "v1alpha1").resource(splits.object("v1alpha1")).create();

    mesh.apply(SmiObjects.definition(SPLITS));
    awaitConversion(SPLITS);

    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(KubernetesClientException.class)
        .untilAsserted(() -> {
          GenericKubernetesResource split = objects(splits, "v1alpha4").withName("sample").get();
          assertThat(split.<Integer>get("spec", "backends", 0, "weight")).isEqualTo(2);
          assertThat(split.<Integer>get("spec", "backends", 1, "weight")).isEqualTo(1);
        });
    assertThat(Objects.requireNonNull(definition(SPLITS)).getStatus().getStoredVersions())
        .contains("v1alpha1", "v1alpha4");
    assertThat(fields(objects(splits, "v1alpha1").withName("sample").get()))
        .isEqualTo(fields(splits.object("v1alpha1")));

    // Adapters that start have to list them before any is ready, and convert them themselves.
    restartAdapters(mesh);
    assertThat(objects(splits, "v1alpha4").withName("sample").get()).isNotNull();
    objects(splits, "v1alpha4").withName("sample").delete();
  }

  private static GenericKubernetesResource watched(
      SmiObjects.Kind kind, String version, String uid) throws Exception {
    CompletableFuture<GenericKubernetesResource> first = new CompletableFuture<>();
    try (Watch _ =
        objects(kind, version)
            .withName("sample")
            .watch(
                // What there is comes first, maybe the last object of that name before it.
                new ListOptionsBuilder().withResourceVersion("0").build(),
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, GenericKubernetesResource object) {
                    if (object.getMetadata().getUid().equals(uid)) {
                      first.complete(object);
                    }
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    first.completeExceptionally(cause);
                  }
                })) {
      return first.get(30, TimeUnit.SECONDS);
    }
  }

  /** What a client does that reads an object and writes it back with a label. */
  private static void writeBack(SmiObjects.Kind kind, String version) {
    await()
        .atMost(SOON)
        .ignoreExceptionsMatching(SmiVersionsIT::isConflict)
        .untilAsserted(() -> {
          GenericKubernetesResource object = objects(kind, version).withName("sample").get();
          object.getMetadata().setLabels(Map.of("written-back", "true"));
          objects(kind, version).resource(object).update();
        });
  }

  /** What a client does that keeps nothing of an object but what it knows. */
  private static void writeAnew(SmiObjects.Kind kind, String version) {
    GenericKubernetesResource object = objects(kind, version).withName("sample").get();
    object.getMetadata().setAnnotations(Map.of());
    objects(kind, version).resource(object).update();
  }

  /** Somebody else wrote in between. */
  private static boolean isConflict(Throwable failure) {
    return failure instanceof KubernetesClientException refused && refused.getCode() == 409;
  }

  private static void restartAdapters(Mesh mesh) {
    List<String> before = adapters(mesh).map(pod -> pod.getMetadata().getUid()).toList();
    adapters(mesh).forEach(pod -> kubernetes.resource(pod).delete());
    await("the adapters to be replaced and ready")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() ->
            assertThat(adapters(mesh))
                .hasSizeGreaterThanOrEqualTo(before.size())
                .allSatisfy(pod -> {
                  assertThat(before).doesNotContain(pod.getMetadata().getUid());
                  assertThat(Readiness.getInstance().isReady(pod)).isTrue();
                }));
  }

  private static Stream<Pod> adapters(Mesh mesh) {
    return mesh.componentPods("heddle-smi-adapter").stream();
  }

  private static void awaitConversion(String name) {
    await(name + " to be converted")
        .atMost(SOON)
        .until(() -> {
          CustomResourceDefinition current = definition(name);
          return current != null
              && current.getSpec().getConversion() != null
              && "Webhook".equals(current.getSpec().getConversion().getStrategy());
        });
  }

  private static @Nullable CustomResourceDefinition definition(String name) {
    return kubernetes.apiextensions().v1().customResourceDefinitions().withName(name).get();
  }

  /** What its writer wrote. */
  private static Map<String, Object> fields(GenericKubernetesResource object) {
    Map<String, Object> fields = new TreeMap<>(object.getAdditionalProperties());
    fields.remove("status");
    return fields;
  }

  private static NonNamespaceOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      objects(SmiObjects.Kind kind, String version) {
    return kubernetes.genericKubernetesResources(context(kind, version)).inNamespace(shop.name());
  }

  private static ResourceDefinitionContext context(SmiObjects.Kind kind, String version) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(kind.group())
        .withVersion(version)
        .withKind(kind.kind())
        .withPlural(kind.plural())
        .withNamespaced(true)
        .build();
  }
}
