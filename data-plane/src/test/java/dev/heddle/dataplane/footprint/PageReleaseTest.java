package dev.heddle.dataplane.footprint;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageReleaseTest {

  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration SEVERAL_INTERVALS = Duration.ofMillis(300);

  @TempDir private Path process;

  @Test
  void tellsOnceItHasFailed() throws IOException {
    Path mappings = Files.createFile(process.resolve("maps"));
    Files.createFile(process.resolve("pagemap"));
    PageRelease release = PageRelease.start(process, INTERVAL);
    await().during(SEVERAL_INTERVALS).until(() -> !release.failed());
    Files.delete(mappings);
    await().until(release::failed);
  }

  @Test
  void hasNotFailedWhereTheSystemTellsOfNoMappings() {
    PageRelease release = PageRelease.start(process, INTERVAL);
    await().during(SEVERAL_INTERVALS).until(() -> !release.failed());
  }
}
