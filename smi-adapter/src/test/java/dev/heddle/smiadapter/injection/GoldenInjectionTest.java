package dev.heddle.smiadapter.injection;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.heddle.smiadapter.settings.InvalidConfigurationException;
import dev.heddle.smiadapter.settings.MeshConfiguration;
import dev.heddle.smiadapter.settings.MeshConfigurationParser;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder under {@code injection/} is a case: {@code in-pod.yaml}, if it matters {@code
 * in-namespace.yaml} and {@code in-settings.yaml}, and what becomes of the pod in {@code
 * out-pod.yaml} or {@code out-refusal.txt}. Run with {@code -Dgolden.write=true} to write the
 * latter anew, and read the difference.
 */
class GoldenInjectionTest {
  private static final Path CASES = Path.of("src/test/resources/injection");
  private static final boolean WRITE = Boolean.getBoolean("golden.write");
  private static final String DEFAULT_SETTINGS =
      """
      trustDomain: cluster.local
      proxy:
        image: heddle-proxy:0.1.0
        resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 192Mi}}
      """;

  private final ObjectMapper mapper = mapper();
  private final ObjectMapper yaml =
      new ObjectMapper(
          new YAMLFactory()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
              .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE));
  private final PodInjector injector = new PodInjector("heddle-system", mapper);

  static Stream<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void injects(String name) throws Exception {
    Path folder = CASES.resolve(name);
    ObjectNode pod = (ObjectNode) yaml.readTree(Files.readString(folder.resolve("in-pod.yaml")));

    Injection injection = inject(folder, pod);

    String file = injection instanceof Injection.Refused ? "out-refusal.txt" : "out-pod.yaml";
    String actual =
        switch (injection) {
          case Injection.Patched(var patch) -> yaml.writeValueAsString(patched(pod, patch));
          case Injection.Unchanged _ -> yaml.writeValueAsString(pod);
          case Injection.Refused(String message, boolean _) -> message + "\n";
        };
    if (WRITE) {
      Files.writeString(folder.resolve(file), actual);
    }
    assertThat(actual).isEqualTo(Files.readString(folder.resolve(file)));
  }

  /** A webhook may be asked again about what it has changed already. */
  @ParameterizedTest
  @MethodSource("cases")
  void doesNothingTheSecondTime(String name) throws Exception {
    Path folder = CASES.resolve(name);
    ObjectNode pod = (ObjectNode) yaml.readTree(Files.readString(folder.resolve("in-pod.yaml")));
    if (inject(folder, pod) instanceof Injection.Patched(var patch)) {
      assertThat(inject(folder, patched(pod, patch))).isInstanceOf(Injection.Unchanged.class);
    }
  }

  private Injection inject(Path folder, JsonNode pod) throws Exception {
    Optional<Marks> namespace =
        text(folder, "in-namespace.yaml").map(this::marks).or(() -> Optional.of(none()));
    return injector.inject(
        mapper.treeToValue(pod, Pod.class),
        pod.path("metadata").path("namespace").asText(),
        () -> namespace,
        Optional.of(settings(text(folder, "in-settings.yaml").orElse(DEFAULT_SETTINGS))));
  }

  private static Marks none() {
    return new Marks(Map.of(), Map.of());
  }

  private static InjectionSettings settings(String text) throws InvalidConfigurationException {
    MeshConfiguration mesh = new MeshConfigurationParser().parse(text);
    return new InjectionSettings(
        "heddle-system",
        mesh.trustDomain(),
        "heddle-smi-adapter.heddle-system.svc:15010",
        "heddle-ca.heddle-system.svc:15012",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        mesh.proxy());
  }

  private Marks marks(String text) {
    Namespace namespace = new KubernetesSerialization().unmarshal(text, Namespace.class);
    return new Marks(
        Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.of()),
        Objects.requireNonNullElse(namespace.getMetadata().getAnnotations(), Map.of()));
  }

  private static Optional<String> text(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  /**
   * Applies the operations of RFC 6902 that the injector uses: {@code add} to objects and arrays.
   */
  private static ObjectNode patched(ObjectNode pod, ArrayNode patch) {
    ObjectNode result = pod.deepCopy();
    for (JsonNode operation : patch) {
      assertThat(operation.path("op").asText()).isEqualTo("add");
      String path = operation.path("path").asText();
      int last = path.lastIndexOf('/');
      String key = path.substring(last + 1).replace("~1", "/").replace("~0", "~");
      JsonNode parent = result.at(path.substring(0, last));
      switch (parent) {
        case ObjectNode object -> object.set(key, operation.path("value"));
        case ArrayNode array when key.equals("-") -> array.add(operation.path("value"));
        case ArrayNode array -> array.insert(Integer.parseInt(key), operation.path("value"));
        default -> throw new AssertionError("no parent of " + path);
      }
    }
    return result;
  }

  private static ObjectMapper mapper() {
    ObjectMapper mapper = new ObjectMapper();
    KubernetesSerialization ignored = new KubernetesSerialization(mapper, true);
    assertThat(ignored).isNotNull();
    return mapper;
  }
}
