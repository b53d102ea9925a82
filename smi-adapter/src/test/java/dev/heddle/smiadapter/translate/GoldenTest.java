package dev.heddle.smiadapter.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.smiadapter.kubernetes.Manifests;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder under {@code translate/} is a case: Kubernetes objects in {@code in-*.yaml}, and what
 * they come to in {@code out-*.yaml}. Run with {@code -Dgolden.write=true} to write the latter
 * anew, and read the difference.
 */
class GoldenTest {

  private static final Path CASES = Path.of("src/test/resources/translate");
  private static final boolean WRITE = Boolean.getBoolean("golden.write");

  static Stream<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void translates(String name) throws IOException {
    Path folder = CASES.resolve(name);

    Map<String, String> actual = translate(folder);

    if (WRITE) {
      rewrite(folder, actual);
    }
    assertThat(read(folder, "out-")).isEqualTo(actual);
  }

  private static Map<String, String> translate(Path folder) throws IOException {
    MeshState state = MeshState.empty(new MeshSettings("cluster.local", AccessControl.PERMISSIVE));
    List<Finding> findings = new ArrayList<>();
    for (String manifest : read(folder, "in-").values()) {
      for (Observation observation : Manifests.read(manifest)) {
        state = state.apply(observation.change());
        findings.addAll(observation.findings());
      }
    }
    ResourceDelta everything = new IncrementalTranslation(state).translateAll();
    everything.findings().values().forEach(findings::addAll);
    Map<String, String> files = new TreeMap<>();
    for (ResourceType type : ResourceType.values()) {
      addIfAny(files, type, everything.changed());
    }
    if (!findings.isEmpty()) {
      files.put(
          "out-findings.yaml",
          ProtoYaml.yaml(findings.stream().map(Finding::toString).sorted().toList()));
    }
    return files;
  }

  private static void addIfAny(
      Map<String, String> files, ResourceType type, Collection<Resource> resources) {
    List<?> ofType =
        resources.stream()
            .filter(resource -> resource.key().type() == type)
            .sorted(Comparator.comparing(Resource::key))
            .map(ProtoYaml::tree)
            .toList();
    if (!ofType.isEmpty()) {
      String plural = type.name().toLowerCase(Locale.ROOT) + "s";
      files.put("out-" + plural + ".yaml", ProtoYaml.yaml(ofType));
    }
  }

  private static Map<String, String> read(Path folder, String prefix) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.list(folder)) {
      for (Path path : paths.toList()) {
        String file = path.getFileName().toString();
        if (file.startsWith(prefix)) {
          files.put(file, Files.readString(path));
        }
      }
    }
    return files;
  }

  private static void rewrite(Path folder, Map<String, String> files) throws IOException {
    for (String old : read(folder, "out-").keySet()) {
      Files.delete(folder.resolve(old));
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
  }
}
