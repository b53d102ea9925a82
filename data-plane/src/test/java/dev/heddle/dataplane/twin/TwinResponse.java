package dev.heddle.dataplane.twin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a client gets.
 *
 * @param headers by lower-case name; several values are joined by a comma
 * @param nanos from the request to the end of the answer
 */
record TwinResponse(int status, Map<String, String> headers, String body, long nanos) {

  /** The status where a connection ended without an answer. */
  static final int CLOSED = 0;

  static TwinResponse closed(long nanos) {
    return new TwinResponse(CLOSED, Map.of(), "", nanos);
  }

  static TwinResponse parse(String text, long nanos) {
    int end = text.indexOf("\r\n\r\n");
    assertThat(end).as("the end of the head in %s", text).isPositive();
    String[] lines = text.substring(0, end).split("\r\n", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.merge(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip(),
          (one, other) -> one + "," + other);
    }
    return new TwinResponse(
        Integer.parseInt(lines[0].split(" ", -1)[1]), headers, text.substring(end + 4), nanos);
  }
}
