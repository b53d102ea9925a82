package dev.heddle.dataplane.hostile.tool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of another project to its end, or stops it when its time is over. */
final class ExternalTool {
  /** The folder of the whole project, seen from a module's. */
  static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  private static final Path TARGET = Path.of("target", "tools").toAbsolutePath();

  private ExternalTool() {}

  /**
   * What a program did.
   *
   * @param output standard output and error together
   */
  record Result(int status, String output) {
    Result succeeded() {
      if (status != 0) {
        throw new AssertionError("exit status " + status + ":\n" + output);
      }
      return this;
    }
  }

  /** A folder for what a tool needs and leaves, kept after the test. */
  static Path folder(String name) throws IOException {
    return Files.createDirectories(TARGET.resolve(name));
  }

  /**
   * Builds a Go program at the version that a module in {@code src/test/tools} pins.
   *
   * @return the executable
   */
  static Path go(String module, String programPackage) throws IOException, InterruptedException {
    Path executable = folder(module).resolve(module);
    run(
            Duration.ofMinutes(5),
            List.of(
                PROJECT.resolve("make/go").toString(),
                "data-plane/src/test/tools/" + module,
                "build",
                "-o",
                executable.toString(),
                programPackage))
        .succeeded();
    return executable;
  }

  /** Starts it in the background; its output goes to a file of the folder. */
  static Process start(Path folder, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(
            folder.resolve("output-of-" + Path.of(command.getFirst()).getFileName()).toFile())
        .start();
  }

  static Result run(Duration limit, List<String> command) throws IOException, InterruptedException {
    return run(limit, Path.of("").toAbsolutePath(), command);
  }

  static Result run(Duration limit, Path folder, List<String> command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder("output"), "tool", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            command + " did not end within " + limit + ":\n" + Files.readString(output));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
  }
}
