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
 */
record FileMapping(long start, long length, String path) {
  /** As in {@code /proc/PID/maps}: private, not writable, and of a file. */
  private static final Pattern READ_ONLY =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[x-]p \\S+ \\S+ \\d+ +(/.*)");

  private static final String ANONYMOUS = "Anonymous:";
  private static final String NONE = "0 kB";

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
      if (line.startsWith(ANONYMOUS)) {
        if (current != null && line.substring(ANONYMOUS.length()).strip().equals(NONE)) {
          clean.add(current);
        }
      } else if (!Character.isUpperCase(line.charAt(0))) {
        // All that is said of a mapping begins with a capital, its address is lower case.
        current = readOnly(line);
      }
    }
    return clean;
  }

  private static @Nullable FileMapping readOnly(String line) {
    Matcher mapping = READ_ONLY.matcher(line);
    if (!mapping.matches()) {
      return null;
    }
    long start = HexFormat.fromHexDigitsToLong(mapping.group(1));
    long end = HexFormat.fromHexDigitsToLong(mapping.group(2));
    return new FileMapping(start, end - start, mapping.group(3));
  }
}
