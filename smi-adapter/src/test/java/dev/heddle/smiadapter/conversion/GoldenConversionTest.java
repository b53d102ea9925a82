package dev.heddle.smiadapter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder under {@code conversion/} is an object as a client wrote it, {@code in-object.yaml},
 * and as clients of every version see it, {@code out-<version>.yaml}. Run with {@code
 * -Dgolden.write=true} to write the latter anew, and read the difference.
 */
class GoldenConversionTest {
  private static final Path CASES = Path.of("src/test/resources/conversion");
  private static final boolean WRITE = Boolean.getBoolean("golden.write");

  private final ObjectMapper yaml =
      new ObjectMapper(
          new YAMLFactory()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS));

  static Stream<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isSeen(String name) throws Exception {
    Path folder = CASES.resolve(name);
    ObjectNode object =
        (ObjectNode) yaml.readTree(Files.readString(folder.resolve("in-object.yaml")));
    String apiVersion = object.path("apiVersion").asText();
    SmiKind kind =
        SmiKind.of(apiVersion.substring(0, apiVersion.indexOf('/')), object.path("kind").asText())
            .orElseThrow();

    for (String version : kind.versions()) {
      String seen =
          yaml.writeValueAsString(Conversion.convert(object, kind.group() + "/" + version));

      Path file = folder.resolve("out-" + version + ".yaml");
      if (WRITE) {
        Files.writeString(file, seen);
      }
      assertThat(seen).as("%s", file).isEqualTo(Files.readString(file));
    }
  }
}
