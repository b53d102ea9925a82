package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.meshapi.process.BuildIdentity;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process as a shell sees it: its output and its status. */
final class MainTest {

  private static final Path VALID = Path.of("src/test/resources/bootstrap/valid.yaml");
  private static final int MAX_SECONDS = 60;

  @TempDir private Path directory;

  /** How a process ended. */
  private record Ended(int status, String output, String errors) {}

  @Test
  void printsTheBuild() throws Exception {
    assertThat(run("--version"))
        .isEqualTo(new Ended(0, "heddle-proxy, build " + BuildIdentity.compiled() + "\n", ""));
  }

  @Test
  void validatesAFile() throws Exception {
    assertThat(run("--config", VALID.toString(), "--validate"))
        .isEqualTo(new Ended(0, VALID + ": valid\n", ""));
  }

  @Test
  void endsWithOneMessageThatNamesTheField() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("bootstrap.yaml"),
            Files.readString(VALID).replace("lb_policy: LEAST_REQUEST", "lb_policy: BEST"));

    for (String[] arguments :
        List.of(
            new String[] {"--config", file.toString(), "--validate"},
            new String[] {"--config", file.toString()})) {
      Ended ended = run(arguments);

      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.output()).isEmpty();
      assertThat(ended.errors().lines())
          .singleElement()
          .asString()
          .startsWith(
              "heddle-proxy: " + file + ": static_resources.clusters[0].lb_policy: \"BEST\"");
    }
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--class-path"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    File output = directory.resolve("output").toFile();
    File errors = directory.resolve("errors").toFile();
    Process process =
        new ProcessBuilder(command).redirectOutput(output).redirectError(errors).start();
    if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still runs after " + MAX_SECONDS + " s");
    }
    return new Ended(
        process.exitValue(), Files.readString(output.toPath()), Files.readString(errors.toPath()));
  }
}
