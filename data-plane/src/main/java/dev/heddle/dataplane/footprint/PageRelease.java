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

  private final Path mappings;
  private final Duration interval;
  private volatile boolean failed;

  private PageRelease(Path mappings, Duration interval) {
    this.mappings = mappings;
    this.interval = interval;
  }

  /** Begins, on a thread of its own, where the system tells of its mappings as Linux does. */
  public static PageRelease start() {
    return start(MAPPINGS, INTERVAL);
  }

  static PageRelease start(Path mappings, Duration interval) {
    PageRelease release = new PageRelease(mappings, interval);
    if (Files.isReadable(mappings)) {
      Thread.ofPlatform().daemon().name("page-release").start(release::run);
    }
    return release;
  }

  /** Whether it has ended before its time, so that memory is as it would be without it. */
  public boolean failed() {
    return failed;
  }

  private void run() {
    try {
      // To link the call takes processor time too, which the start can use better.
      Thread.sleep(interval);
      MemoryAdvice advice = new MemoryAdvice();
      while (true) {
        release(advice);
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      failed = true;
      LOGGER.warn("Pages that are not used stay resident from now on", e);
    }
  }

  private void release(MemoryAdvice advice) throws IOException {
    for (FileMapping mapping : FileMapping.clean(Files.readAllLines(mappings))) {
      if (mapping.resident() > IN_USE) {
        advice.release(mapping);
      }
    }
  }
}
