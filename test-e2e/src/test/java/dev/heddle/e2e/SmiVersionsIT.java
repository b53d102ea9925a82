package dev.heddle.e2e;

import static dev.heddle.e2e.workload.SmiClient.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.SmiClient;
import dev.heddle.e2e.workload.SmiObjects;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
  private static final Duration SOON = Duration.ofSeconds(60);

  private static TestNamespace shop;
  private static SmiClient smi;

  @BeforeAll
  static void prepare(Mesh mesh) {
    shop = TestNamespace.outsideMesh(mesh.kubernetes(), "versions");
    smi = new SmiClient(mesh.kubernetes(), shop.name());
    SmiObjects.kinds().stream()
        .filter(kind -> kind.versions().size() > 1)
        .forEach(smi::awaitConversion);
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
    smi.objects(kind, from).resource(written).create();
    try {
      GenericKubernetesResource seen = smi.objects(kind, to).withName("sample").get();

      assertThat(seen.getApiVersion()).isEqualTo(kind.group() + "/" + to);
      assertThat(smi.objects(kind, to).list().getItems())
          .filteredOn(item -> item.getMetadata().getName().equals("sample"))
          .singleElement()
          .satisfies(item -> assertThat(fields(item)).isEqualTo(fields(seen)));
      assertThat(fields(watched(kind, to, seen.getMetadata().getUid()))).isEqualTo(fields(seen));

      writeBack(kind, to);
      GenericKubernetesResource back = smi.objects(kind, from).withName("sample").get();
      assertThat(back.getMetadata().getLabels()).containsEntry("written-back", "true");
      assertThat(fields(back)).isEqualTo(fields(written));
    } finally {
      smi.objects(kind, from).withName("sample").delete();
      await().atMost(SOON).until(() -> smi.objects(kind, from).withName("sample").get() == null);
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
    smi.objects(groups, "v1alpha4").resource(written).create();
    try {
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThatThrownBy(() -> writeAnew(groups, "v1alpha1"))
                  .isInstanceOf(KubernetesClientException.class)
                  .hasMessageContaining("heddle.dev/headers"));
      assertThat(fields(smi.objects(groups, "v1alpha4").withName("sample").get()))
          .isEqualTo(fields(written));
    } finally {
      smi.objects(groups, "v1alpha4").withName("sample").delete();
    }
  }

  private static GenericKubernetesResource watched(SmiObjects.Kind kind, String version, String uid)
      throws Exception {
    CompletableFuture<GenericKubernetesResource> first = new CompletableFuture<>();
    try (Watch _ =
        smi.objects(kind, version)
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
          GenericKubernetesResource object = smi.objects(kind, version).withName("sample").get();
          object.getMetadata().setLabels(Map.of("written-back", "true"));
          smi.objects(kind, version).resource(object).update();
        });
  }

  /** What a client does that keeps nothing of an object but what it knows. */
  private static void writeAnew(SmiObjects.Kind kind, String version) {
    GenericKubernetesResource object = smi.objects(kind, version).withName("sample").get();
    object.getMetadata().setAnnotations(Map.of());
    smi.objects(kind, version).resource(object).update();
  }

  /** Somebody else wrote in between. */
  private static boolean isConflict(Throwable failure) {
    return failure instanceof KubernetesClientException refused && refused.getCode() == 409;
  }
}
