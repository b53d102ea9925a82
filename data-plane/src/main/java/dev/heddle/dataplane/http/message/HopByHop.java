package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/**
 * Removes what concerns one connection only (RFC 9110, 7.6.1): the standard names, and those that a
 * Connection header nominates.
 */
final class HopByHop {
  private HopByHop() {}

  /** What a Connection header said. */
  static final int CLOSE = 1;

  static final int KEEP_ALIVE = 2;
  static final int UPGRADE = 4;

  /**
   * Removes the nominated headers.
   *
   * @return {@link #CLOSE}, {@link #KEEP_ALIVE}, {@link #UPGRADE} or'ed
   */
  static int removeNominated(CharSequence connection, HttpHeaders headers)
      throws MalformedMessageException {
    int options = 0;
    int length = connection.length();
    int start = 0;
    while (start <= length) {
      int comma = AsciiString.indexOf(connection, ',', start);
      int end = comma < 0 ? length : comma;
      int from = start;
      int to = end;
      while (from < to && isSpace(connection.charAt(from))) {
        from++;
      }
      while (to > from && isSpace(connection.charAt(to - 1))) {
        to--;
      }
      if (to > from) {
        options |= option(connection, from, to, headers);
      }
      start = end + 1;
    }
    return options;
  }

  private static int option(CharSequence connection, int from, int to, HttpHeaders headers)
      throws MalformedMessageException {
    if (is(connection, from, to, "close")) {
      return CLOSE;
    }
    if (is(connection, from, to, "keep-alive")) {
      return KEEP_ALIVE;
    }
    if (is(connection, from, to, "upgrade")) {
      return UPGRADE;
    }
    CharSequence name = connection.subSequence(from, to);
    if (!Characters.isToken(name)) {
      throw MalformedMessageException.badRequest("Connection (expected: a list of tokens)");
    }
    if (is(connection, from, to, "host")
        || is(connection, from, to, "content-length")
        || is(connection, from, to, "transfer-encoding")) {
      throw MalformedMessageException.badRequest(
          "Connection: " + name + " (expected: no header that frames or routes the message)");
    }
    if (!is(connection, from, to, "te")) {
      headers.remove(name.toString());
    }
    return 0;
  }

  private static boolean is(CharSequence text, int from, int to, String expected) {
    return to - from == expected.length()
        && AsciiString.regionMatches(text, true, from, expected, 0, expected.length());
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
