package dev.heddle.operator.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.crds.install.MeshInstall;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a MeshInstall becomes. Each folder of {@code src/test/resources/meshes} is a case: {@code
 * in-meshinstall.yaml} and one {@code out-<Kind>-<name>.yaml} per object. A new case is a new
 * folder; {@code -Dgolden.write=true} writes what the builders make, to be read before it is
 * committed.
 */
final class GoldenMeshTest {
  private static final Path CASES = Path.of("src/test/resources/meshes");
  private static final Release RELEASE = new Release("", "0.1.0", "heddle-operator");

  static Stream<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.filter(Files::isDirectory).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void becomes(Path folder) throws IOException {
    // Given
    MeshInstall install =
        Serialization.unmarshal(
            Files.readString(folder.resolve("in-meshinstall.yaml")), MeshInstall.class);

    // When
    Map<String, String> made =
        objects(Mesh.of(install, RELEASE))
            .collect(
                Collectors.toMap(
                    GoldenMeshTest::file, Serialization::asYaml, (one, _) -> one, TreeMap::new));

    // Then
    if (Boolean.getBoolean("golden.write")) {
      write(folder, made);
    }
    assertThat(made).isEqualTo(read(folder));
  }

  private static Stream<HasMetadata> objects(Mesh mesh) {
    return Stream.concat(
        SmiResources.convertedDefinitions().stream()
            .map(name -> SmiResources.conversion(mesh, name, "Y2VydGlmaWNhdGU=")),
        ownObjects(mesh));
  }

  private static Stream<HasMetadata> ownObjects(Mesh mesh) {
    return Stream.of(
        NamespaceResources.namespace(mesh),
        CertificateAuthorityResources.serviceAccount(mesh),
        CertificateAuthorityResources.role(mesh),
        CertificateAuthorityResources.roleBinding(mesh),
        CertificateAuthorityResources.clusterRole(mesh),
        CertificateAuthorityResources.clusterRoleBinding(mesh),
        CertificateAuthorityResources.deployment(mesh),
        CertificateAuthorityResources.service(mesh),
        CertificateAuthorityResources.podDisruptionBudget(mesh),
        AdapterResources.serviceAccount(mesh),
        AdapterResources.role(mesh),
        AdapterResources.roleBinding(mesh),
        AdapterResources.clusterRole(mesh),
        AdapterResources.clusterRoleBinding(mesh),
        AdapterResources.configuration(mesh),
        AdapterResources.deployment(mesh),
        AdapterResources.service(mesh),
        AdapterResources.podDisruptionBudget(mesh),
        InjectorResources.webhooks(mesh, "Y2VydGlmaWNhdGU="),
        InjectorResources.policy(mesh),
        InjectorResources.policyBinding(mesh),
        SmiResources.conversionService(mesh),
        SmiResources.validation(mesh, "Y2VydGlmaWNhdGU="),
        TrafficMetricsResources.authenticationReader(mesh),
        TrafficMetricsResources.viewer(mesh),
        TrafficMetricsResources.apiService(mesh, "v1alpha1", "Y2VydGlmaWNhdGU="),
        TrafficMetricsResources.apiService(mesh, "v1alpha2", "Y2VydGlmaWNhdGU="));
  }

  private static String file(HasMetadata object) {
    return "out-" + object.getKind() + "-" + object.getMetadata().getName() + ".yaml";
  }

  private static Map<String, String> read(Path folder) throws IOException {
    Map<String, String> expected = new TreeMap<>();
    for (Path file : outputs(folder)) {
      expected.put(file.getFileName().toString(), Files.readString(file));
    }
    return expected;
  }

  private static void write(Path folder, Map<String, String> made) throws IOException {
    for (Path file : outputs(folder)) {
      Files.delete(file);
    }
    for (Map.Entry<String, String> object : made.entrySet()) {
      Files.writeString(folder.resolve(object.getKey()), object.getValue());
    }
  }

  private static List<Path> outputs(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("out-")).toList();
    }
  }
}
