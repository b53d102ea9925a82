package dev.heddle.e2e.cluster;

import dev.heddle.e2e.cluster.ClusterExtension.RunningCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a test fails, keeps what the cluster knew at that moment, before the test's own clean-up, in
 * {@code target/failures/<class>/<test>/}.
 */
public final class FailureReport
    implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(FailureReport.class);
  private static final Path FAILURES = Path.of("target", "failures");

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    report(context, failure);
    throw failure;
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    report(context, failure);
    throw failure;
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    report(context, failure);
    throw failure;
  }

  private static void report(ExtensionContext context, Throwable failure) {
    Path folder = folderOf(context);
    try {
      RunningCluster running = ClusterExtension.running(context);
      empty(folder);
      new ClusterDump(running.client(), folder).write(running.cluster().describe(), failure);
      LOG.error("{} failed; what the cluster knew is in {}", context.getDisplayName(), folder);
    } catch (RuntimeException e) {
      // The test's own failure is the one to show; this one comes along.
      failure.addSuppressed(e);
    }
  }

  /** Of what an earlier run left. */
  private static void empty(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot empty " + folder, e);
    }
  }

  private static Path folderOf(ExtensionContext context) {
    String test = context.getTestMethod().map(method -> method.getName()).orElse("class");
    Path folder = FAILURES.resolve(fileName(context.getRequiredTestClass().getSimpleName()));
    // Repetitions and parameters of one method are told apart by what JUnit calls them.
    String shown = context.getDisplayName();
    return folder.resolve(fileName(shown.startsWith(test) ? test : test + "-" + shown));
  }

  /**
   * The name with all that a file system or shell could stumble over replaced, at most 100
   * characters.
   */
  static String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-");
    return plain.substring(0, Math.min(100, plain.length()));
  }
}
