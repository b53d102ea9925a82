package dev.heddle.operator.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.crds.CustomResourceDefinitions;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** Which definitions a mesh may convert the objects of. */
final class SmiResourcesTest {
  @Test
  void ofAllKindsThatHaveSeveralVersions() {
    assertThat(SmiResources.convertedDefinitions())
        .containsExactlyInAnyOrder(
            "trafficsplits.split.smi-spec.io",
            "traffictargets.access.smi-spec.io",
            "httproutegroups.specs.smi-spec.io",
            "tcproutes.specs.smi-spec.io");
  }

  @Test
  void ofOurOwnDefinitions() {
    assertThat(CustomResourceDefinitions.all())
        .filteredOn(definition ->
            SmiResources.convertedDefinitions().contains(definition.getMetadata().getName()))
        .hasSize(4)
        .allMatch(SmiResources::isOurs);
  }

  /** One that an earlier mesh installed is left alone until ours is applied over it. */
  @Test
  void notOfOneThatStoresAnOlderVersion() {
    CustomResourceDefinition earlier =
        Serialization.unmarshal(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: trafficsplits.split.smi-spec.io}
            spec:
              group: split.smi-spec.io
              scope: Namespaced
              names: {plural: trafficsplits, kind: TrafficSplit}
              versions:
                - {name: v1alpha1, served: true, storage: true}
                - {name: v1alpha2, served: true, storage: false}
            """,
            CustomResourceDefinition.class);

    assertThat(SmiResources.isOurs(earlier)).isFalse();
  }
}
