package dev.heddle.dataplane.footprint;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a file in the process's memory that it cannot write to.
 *
 * @param start its address
 * @param length in bytes
 */
record FileMapping(long start, long length, String path) {
  /** Private, not writable, and of a file. */
  private static final Pattern READ_ONLY =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[x-]p \\S+ \\S+ \\d+ +(/.*)");

  /**
   * What a line tells of; empty for a mapping of another kind.
   *
   * @param line of {@code /proc/self/maps} (proc_pid_maps(5))
   */
  static Optional<FileMapping> parse(String line) {
    Matcher mapping = READ_ONLY.matcher(line);
    if (!mapping.matches()) {
      return Optional.empty();
    }
    long start = HexFormat.fromHexDigitsToLong(mapping.group(1));
    long end = HexFormat.fromHexDigitsToLong(mapping.group(2));
    return Optional.of(new FileMapping(start, end - start, mapping.group(3)));
  }
}
