package dev.heddle.e2e.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end, with a limit, and keeps their output in a file. */
final class Commands {

  private static final int SHOWN_CHARACTERS = 4000;

  private Commands() {}

  /**
   * Runs a command.
   *
   * @param log where its output is appended
   * @throws ClusterException if it fails or exceeds the limit; the message holds the end of its
   *     output
   */
  static void run(List<String> command, Duration limit, Path log) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      try {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new ClusterException(failure(command, "not done after " + limit, log));
        }
      } finally {
        process.destroy();
      }
      if (process.exitValue() != 0) {
        throw new ClusterException(failure(command, "exit status " + process.exitValue(), log));
      }
    } catch (IOException e) {
      throw new ClusterException(String.join(" ", command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException(String.join(" ", command) + ": interrupted", e);
    }
  }

  private static String failure(List<String> command, String reason, Path log) throws IOException {
    String output = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    String end = output.substring(Math.max(0, output.length() - SHOWN_CHARACTERS));
    return String.join(" ", command) + ": " + reason + "; the end of " + log + ":\n" + end;
  }
}
