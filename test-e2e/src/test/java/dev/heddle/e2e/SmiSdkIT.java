package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.e2e.cluster.Cluster;
import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.SmiClient;
import dev.heddle.e2e.workload.SmiObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The Go clients of the Service Mesh Interface's own SDK, which nobody here wrote, in {@code
 * test-e2e/smi-sdk}.
 */
@MeshTest
class SmiSdkIT {

  /** Includes compiling the SDK, once per machine. */
  private static final Duration LIMIT = Duration.ofMinutes(10);

  @Test
  void itsClientsTalkToEveryKindAndVersion(Mesh mesh, Cluster cluster)
      throws IOException, InterruptedException {
    SmiClient smi = new SmiClient(mesh.kubernetes(), "default");
    SmiObjects.kinds().stream()
        .filter(kind -> kind.versions().size() > 1)
        .forEach(smi::awaitConversion);
    Path log = Path.of("target", "smi-sdk.log");

    ProcessBuilder tests =
        new ProcessBuilder(
                "../make/go",
                "test-e2e/smi-sdk",
                "test",
                "-count=1",
                "-v",
                "-run=^Test(EveryKindAndVersion|AnOlderClientKeepsWhatItCannotSee)$",
                "./...")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    tests.environment().put("SMI_SDK_KUBECONFIG", cluster.kubeconfig().toString());
    Process process = tests.start();
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
          .as("ended within %s", LIMIT)
          .isTrue();
    } finally {
      process.destroy();
    }

    String output = Files.readString(log);
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output)
        .contains("--- PASS: TestEveryKindAndVersion", "--- PASS: TestAnOlderClientKeeps")
        .doesNotContain("--- SKIP");
  }
}
