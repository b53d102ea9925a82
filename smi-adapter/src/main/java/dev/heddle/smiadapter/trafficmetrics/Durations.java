package dev.heddle.smiadapter.trafficmetrics;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes and reads them, such as {@code 1m30s}: what Kubernetes clients decode. */
public final class Durations {

  private static final Pattern PART = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(h|ms|m|s)");
  private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + "){1,4}");
  private static final Map<String, BigDecimal> MILLIS =
      Map.of(
          "h", BigDecimal.valueOf(3_600_000),
          "m", BigDecimal.valueOf(60_000),
          "s", BigDecimal.valueOf(1_000),
          "ms", BigDecimal.ONE);

  private Durations() {}

  /** As Go's {@code Duration.String} does, to the millisecond. */
  public static String text(Duration duration) {
    long seconds = duration.toSeconds();
    String rest =
        BigDecimal.valueOf(duration.toMillis() % 60_000, 3).stripTrailingZeros().toPlainString()
            + "s";
    if (seconds < 60) {
      return rest;
    }
    String minutes = seconds / 60 % 60 + "m";
    return seconds < 3_600 ? minutes + rest : seconds / 3_600 + "h" + minutes + rest;
  }

  /**
   * Reads hours, minutes, seconds and milliseconds.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Duration parse(String text) {
    if (!WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException(text + " (expected: a duration such as 30s or 1m30s)");
    }
    BigDecimal millis = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      millis =
          millis.add(
              new BigDecimal(part.group(1))
                  .multiply(MILLIS.getOrDefault(part.group(2), BigDecimal.ONE)));
    }
    return Duration.ofMillis(millis.longValue());
  }
}
