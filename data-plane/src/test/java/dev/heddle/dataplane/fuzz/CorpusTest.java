package dev.heddle.dataplane.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every input that was ever worth keeping: the seeds that {@code make fuzz} begins with, and those
 * that once broke something.
 */
final class CorpusTest {
  private static final Path CORPORA = Path.of("src/test/resources/fuzz");

  @TestFactory
  Stream<DynamicNode> holdsFor() {
    return Arrays.stream(FuzzTarget.values())
        .map(target -> DynamicContainer.dynamicContainer(target.folder(), inputs(target)));
  }

  private static Stream<DynamicTest> inputs(FuzzTarget target) {
    return files(target).stream()
        .map(file ->
            DynamicTest.dynamicTest(
                file.getFileName().toString(), () -> target.check(Files.readAllBytes(file))));
  }

  private static List<Path> files(FuzzTarget target) {
    try (Stream<Path> files = Files.list(CORPORA.resolve(target.folder()))) {
      List<Path> found = files.sorted().toList();
      assertThat(found).as("inputs of %s", target.folder()).isNotEmpty();
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
