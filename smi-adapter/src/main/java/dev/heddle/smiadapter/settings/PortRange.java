package dev.heddle.smiadapter.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * TCP ports, both ends inclusive.
 *
 * @param first from 1
 * @param last to 65535, not below the first
 */
public record PortRange(int first, int last) {
  private static final int MAX_PORT = 65_535;
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

  public PortRange {
    if (first < 1 || last > MAX_PORT || first > last) {
      throw new IllegalArgumentException(
          first + "-" + last + " (expected: a port or a range a-b, from 1 to 65535)");
    }
  }

  /**
   * Reads {@code a} or {@code a-b}.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static PortRange parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          text + " (expected: a port or a range a-b, from 1 to 65535)");
    }
    int first = Integer.parseInt(matcher.group(1));
    return new PortRange(
        first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
  }

  @Override
  public String toString() {
    return first == last ? String.valueOf(first) : first + "-" + last;
  }
}
