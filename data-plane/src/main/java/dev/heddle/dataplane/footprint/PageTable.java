package dev.heddle.dataplane.footprint;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * What the kernel tells of each page of the process: {@code /proc/self/pagemap}
 * (Documentation/admin-guide/mm/pagemap.rst of Linux). A tenth of the time that it takes to add
 * that up in {@code smaps} for all mappings, and to parse it.
 */
final class PageTable {
  private static final long PRESENT = 1L << 63;
  private static final long SWAPPED = 1L << 62;
  private static final long OF_FILE = 1L << 61;

  private static final int PAGES_AT_A_TIME = 1024;

  private final Path pages;
  private final int pageSize;

  /**
   * @param pageSize in bytes
   */
  PageTable(Path pages, int pageSize) {
    this.pages = pages;
    this.pageSize = pageSize;
  }

  /**
   * How much of a mapping is in memory, in bytes; 0 if a page of it was written, as the linker does
   * before it protects a table, since such a page is nowhere else.
   */
  long cleanBytes(FileMapping mapping) throws IOException {
    long present = 0;
    long left = mapping.length() / pageSize;
    ByteBuffer entries =
        ByteBuffer.allocate(PAGES_AT_A_TIME * Long.BYTES).order(ByteOrder.nativeOrder());
    try (RandomAccessFile table = new RandomAccessFile(pages.toFile(), "r")) {
      table.seek(mapping.start() / pageSize * Long.BYTES);
      while (left > 0) {
        int count = (int) Math.min(left, PAGES_AT_A_TIME);
        table.readFully(entries.array(), 0, count * Long.BYTES);
        for (int i = 0; i < count; i++) {
          long entry = entries.getLong(i * Long.BYTES);
          if ((entry & (PRESENT | SWAPPED)) != 0 && (entry & OF_FILE) == 0) {
            return 0;
          }
          present += entry >>> 63;
        }
        left -= count;
      }
    } catch (EOFException e) {
      throw new IOException(pages + " ends before " + mapping, e);
    }
    return present * pageSize;
  }
}
