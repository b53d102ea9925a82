package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A TCP port, or several in a row. Written {@code 9100} or {@code 8000-8100}.
 *
 * @param first the first port, 1 to 65535
 * @param last the last port, {@code first} to 65535
 */
public record PortRange(int first, int last) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final int MAXIMUM = 65535;

  public PortRange {
    if (first < 1 || first > last || last > MAXIMUM) {
      throw new IllegalArgumentException(
          "port: " + first + "-" + last + " (expected: 1 <= first <= last <= 65535)");
    }
  }

  /**
   * Reads a port or a range.
   *
   * @param value a number, or text
   * @throws IllegalArgumentException if it is neither
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static PortRange of(Object value) {
    Matcher matcher = TEXT.matcher(value.toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "port: " + value + " (expected: a port such as 9100 or a range such as 8000-8100)");
    }
    int first = Integer.parseInt(matcher.group(1));
    String last = matcher.group(2);
    return new PortRange(first, last == null ? first : Integer.parseInt(last));
  }

  @JsonValue
  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
