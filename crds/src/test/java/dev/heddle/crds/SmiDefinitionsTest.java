package dev.heddle.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The definitions of the Service Mesh Interface as clients of any version know them. */
final class SmiDefinitionsTest {
  private final ObjectMapper mapper = new ObjectMapper();

  @ParameterizedTest
  @CsvSource({
    "trafficsplits.split.smi-spec.io,TrafficSplit,ts,v1alpha4 v1alpha3 v1alpha2 v1alpha1",
    "traffictargets.access.smi-spec.io,TrafficTarget,tt,v1alpha3 v1alpha2 v1alpha1",
    "httproutegroups.specs.smi-spec.io,HTTPRouteGroup,htr,v1alpha4 v1alpha3 v1alpha2 v1alpha1",
    "tcproutes.specs.smi-spec.io,TCPRoute,tr,v1alpha4 v1alpha3 v1alpha2 v1alpha1",
    "udproutes.specs.smi-spec.io,UDPRoute,ur,v1alpha4",
  })
  void everyVersionThatShippedIsServedAndTheNewestIsStored(
      String name, String kind, String shortName, String versions) {
    CustomResourceDefinition definition =
        smi().filter(found -> found.getMetadata().getName().equals(name)).findFirst().orElseThrow();

    assertThat(definition.getSpec().getNames().getKind()).isEqualTo(kind);
    assertThat(definition.getSpec().getNames().getShortNames()).containsExactly(shortName);
    assertThat(definition.getSpec().getScope()).isEqualTo("Namespaced");
    assertThat(definition.getSpec().getVersions())
        .extracting(CustomResourceDefinitionVersion::getName)
        .containsExactly(versions.split(" "));
    assertThat(definition.getSpec().getVersions())
        .allSatisfy(version -> assertThat(version.getServed()).isTrue());
    assertThat(definition.getSpec().getVersions())
        .filteredOn(CustomResourceDefinitionVersion::getStorage)
        .containsExactly(definition.getSpec().getVersions().getFirst());
  }

  @ParameterizedTest
  @MethodSource("smi")
  void nothingIsDefaulted(CustomResourceDefinition definition) {
    assertThat(mapper.valueToTree(definition).findValues("default")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("smi")
  void everyVersionHasAStatusOfItsOwn(CustomResourceDefinition definition) {
    assertThat(definition.getSpec().getVersions())
        .allSatisfy(version -> {
          assertThat(version.getSubresources().getStatus()).isNotNull();
          assertThat(version.getAdditionalPrinterColumns())
              .anyMatch(column -> column.getName().equals("Accepted"));
        });
  }

  /** The operator sets it; a manifest that did would unset it whenever it is applied again. */
  @ParameterizedTest
  @MethodSource("smi")
  void theManifestLeavesConversionAlone(CustomResourceDefinition definition) {
    assertThat(definition.getSpec().getConversion()).isNull();
  }

  @Test
  void allDefinitionsAreRead() {
    assertThat(CustomResourceDefinitions.all()).hasSize(6);
  }

  static Stream<CustomResourceDefinition> smi() {
    List<String> groups = List.of("split.smi-spec.io", "access.smi-spec.io", "specs.smi-spec.io");
    return CustomResourceDefinitions.all().stream()
        .filter(definition -> groups.contains(definition.getSpec().getGroup()));
  }
}
