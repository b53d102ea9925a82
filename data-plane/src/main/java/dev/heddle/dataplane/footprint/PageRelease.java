package dev.heddle.dataplane.footprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps only those pages of libraries and of the archive of classes resident that are in use.
 *
 * <p>The start and each collection of the old generation read all of the archive, and a fault maps
 * 16 pages around the one it is for: 50 MB, of which serving uses 7. Nothing reads them from disk
 * again, as they stay in the page cache, which all proxies of a node share.
 */
public final class PageRelease {
  private static final Logger LOGGER = LoggerFactory.getLogger(PageRelease.class);
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /**
   * A mapping of which less is resident, in kilobytes, is in use for the most part: its pages would
   * come back, and until other proxies have them too they would be this one's alone.
   */
  private static final long IN_USE = 8 << 10;

  private PageRelease() {}

  /** Begins, on a thread of its own, where the system tells of its mappings as Linux does. */
  public static void start() {
    if (Files.isReadable(MAPPINGS)) {
      Thread.ofPlatform().daemon().name("page-release").start(PageRelease::run);
    }
  }

  private static void run() {
    try {
      // To link the call takes processor time too, which the start can use better.
      Thread.sleep(INTERVAL);
      MemoryAdvice advice = new MemoryAdvice();
      while (true) {
        release(advice);
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOGGER.warn("Pages that are not used stay resident from now on", e);
    }
  }

  private static void release(MemoryAdvice advice) throws IOException {
    for (FileMapping mapping : FileMapping.clean(Files.readAllLines(MAPPINGS))) {
      if (mapping.resident() > IN_USE) {
        advice.release(mapping);
      }
    }
  }
}
