package dev.heddle.e2e.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The kubectl of this machine, as a user types it. */
public final class Kubectl {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path kubeconfig;

  public Kubectl(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  /** What a command prints. */
  public record Output(int status, String standard, String error) {

    /** Its lines, each as its columns. */
    public List<List<String>> columns() {
      return standard.lines().map(line -> List.of(line.strip().split(" {2,}", -1))).toList();
    }
  }

  /** Runs a command that must succeed. */
  public Output run(String... arguments) {
    Output output = attempt(arguments);
    if (output.status() != 0) {
      throw new AssertionError(
          "kubectl " + String.join(" ", arguments) + ": " + output.status() + "\n" + output);
    }
    return output;
  }

  /** Runs a command, whatever comes of it. */
  public Output attempt(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
    command.addAll(List.of(arguments));
    Path standard = null;
    Path error = null;
    try {
      standard = Files.createTempFile("kubectl", ".out");
      error = Files.createTempFile("kubectl", ".err");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(standard.toFile())
              .redirectError(error.toFile())
              .start();
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + ": not done after " + LIMIT);
      }
      return new Output(
          process.exitValue(),
          Files.readString(standard, StandardCharsets.UTF_8),
          Files.readString(error, StandardCharsets.UTF_8));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + String.join(" ", command), interrupted);
    } catch (IOException failed) {
      throw new UncheckedIOException(String.join(" ", command), failed);
    } finally {
      delete(standard);
      delete(error);
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(file + " cannot be deleted", failed);
    }
  }
}
