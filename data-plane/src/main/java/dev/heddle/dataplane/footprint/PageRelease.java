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
  private static final Path PROCESS = Path.of("/proc/self");
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /**
   * A mapping of which less is resident, in bytes, is in use for the most part: its pages would
   * come back, and until other proxies have them too they would be this one's alone.
   */
  private static final long IN_USE = 8 << 20;

  private final Path mappings;
  private final Path pages;
  private final Duration interval;
  private volatile boolean failed;

  private PageRelease(Path process, Duration interval) {
    this.mappings = process.resolve("maps");
    this.pages = process.resolve("pagemap");
    this.interval = interval;
  }

  /** Begins, on a thread of its own, where the system tells of its mappings as Linux does. */
  public static PageRelease start() {
    return start(PROCESS, INTERVAL);
  }

  /**
   * @param process the directory with {@code maps} and {@code pagemap}
   */
  static PageRelease start(Path process, Duration interval) {
    PageRelease release = new PageRelease(process, interval);
    if (Files.isReadable(release.mappings) && Files.isReadable(release.pages)) {
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
      PageTable table = new PageTable(pages, advice.pageSize());
      while (true) {
        release(table, advice);
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      failed = true;
      LOGGER.warn("Pages that are not used stay resident from now on", e);
    }
  }

  private void release(PageTable table, MemoryAdvice advice) throws IOException {
    for (String line : Files.readAllLines(mappings)) {
      FileMapping mapping = FileMapping.parse(line).orElse(null);
      if (mapping != null && mapping.length() > IN_USE && table.cleanBytes(mapping) > IN_USE) {
        advice.release(mapping);
      }
    }
  }
}
