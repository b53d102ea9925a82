package dev.heddle.dataplane.footprint;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file in the process's memory.
 *
 * @param start its address
 * @param length in bytes
 * @param resident how much of it is in memory, in kilobytes
 */
record FileMapping(long start, long length, String path, long resident) {
  /** As in {@code /proc/PID/maps}: private, not writable, and of a file. */
  private static final Pattern READ_ONLY =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[x-]p \\S+ \\S+ \\d+ +(/.*)");

  private static final String RESIDENT = "Rss:";
  private static final String ANONYMOUS = "Anonymous:";

  /**
   * Those that hold nothing but what is in the file: not writable, and no page was written while it
   * was, as the linker does before it protects a table.
   *
   * @param smaps the lines of {@code /proc/self/smaps} (proc_pid_smaps(5))
   */
  static List<FileMapping> clean(List<String> smaps) {
    List<FileMapping> clean = new ArrayList<>();
    FileMapping current = null;
    for (String line : smaps) {
      // All that is said of a mapping begins with a capital, its address is lower case.
      if (!Character.isUpperCase(line.charAt(0))) {
        current = readOnly(line);
      } else if (current != null && line.startsWith(RESIDENT)) {
        current = current.with(kilobytes(line));
      } else if (current != null && line.startsWith(ANONYMOUS) && kilobytes(line) == 0) {
        clean.add(current);
      }
    }
    return clean;
  }

  /** Of a line such as {@code Rss: 16 kB}. */
  private static long kilobytes(String line) {
    int unit = line.lastIndexOf(' ');
    return Long.parseLong(line, line.lastIndexOf(' ', unit - 1) + 1, unit, 10);
  }

  private FileMapping with(long kilobytes) {
    return new FileMapping(start, length, path, kilobytes);
  }

  private static @Nullable FileMapping readOnly(String line) {
    Matcher mapping = READ_ONLY.matcher(line);
    if (!mapping.matches()) {
      return null;
    }
    long start = HexFormat.fromHexDigitsToLong(mapping.group(1));
    long end = HexFormat.fromHexDigitsToLong(mapping.group(2));
    return new FileMapping(start, end - start, mapping.group(3), 0);
  }
}
