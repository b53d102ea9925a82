package dev.heddle.dataplane.http.message;

/**
 * Normalizes the path of a request, once, before anything decides on it. The result is what is
 * forwarded, so that policy and application read the same bytes.
 *
 * <ul>
 *   <li>Dot segments are removed (RFC 3986, 5.2.4), also where dots are written {@code %2e}.
 *   <li>Refused: characters outside printable ASCII, {@code #}, {@code \} in the path, broken
 *       escapes and {@code %00} in the path, and what some servers would read as a dot segment:
 *       dots next to an encoded slash or backslash, or before a path parameter.
 *   <li>Everything else stays as it is: {@code //}, {@code %2F}, the case of escapes, the query.
 * </ul>
 */
public final class RequestTarget {
  private RequestTarget() {}

  /**
   * The target to decide on and to forward.
   *
   * @param target origin form or {@code *}
   */
  public static String normalize(String target) throws MalformedMessageException {
    int length = target.length();
    if (length == 1 && target.charAt(0) == '*') {
      return target;
    }
    if (length == 0 || target.charAt(0) != '/') {
      throw MalformedMessageException.badRequest("request target (expected: a path)");
    }
    int query = -1;
    boolean suspicious = false;
    char previous = 0;
    for (int i = 0; i < length; i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw MalformedMessageException.badRequest(
            "request target (expected: printable ASCII without '#')");
      }
      if (query < 0) {
        if (c == '?') {
          query = i;
        } else if (c == '\\') {
          throw MalformedMessageException.badRequest("request target (expected: no backslash)");
        } else if (c == '%' || (c == '.' && previous == '/')) {
          suspicious = true;
        }
      }
      previous = c;
    }
    return suspicious ? removeDotSegments(target, query < 0 ? length : query) : target;
  }

  private static String removeDotSegments(String target, int pathLength)
      throws MalformedMessageException {
    StringBuilder normalized = new StringBuilder(target.length());
    int segment = 1;
    boolean changed = false;
    while (true) {
      int end = target.indexOf('/', segment);
      boolean last = end < 0 || end >= pathLength;
      if (last) {
        end = pathLength;
      }
      int dots = dots(target, segment, end);
      if (dots == 0) {
        normalized.append('/').append(target, segment, end);
      } else {
        changed = true;
        if (dots == 2) {
          normalized.setLength(Math.max(0, normalized.lastIndexOf("/")));
        }
        if (last) {
          normalized.append('/');
        }
      }
      if (last) {
        break;
      }
      segment = end + 1;
    }
    return changed ? normalized.append(target, pathLength, target.length()).toString() : target;
  }

  /** 1 or 2 if the segment is one or two dots, however written; else 0. */
  private static int dots(String target, int start, int end) throws MalformedMessageException {
    int dots = 0;
    boolean onlyDots = true;
    boolean separator = false;
    boolean dotPart = true;
    int partDots = 0;
    boolean dangerous = false;
    for (int i = start; i < end; i++) {
      int c = target.charAt(i);
      if (c == '%') {
        c = escaped(target, i, end);
        i += 2;
        if (c == 0) {
          throw MalformedMessageException.badRequest("request target (expected: no %00)");
        }
        if (c == '/' || c == '\\') {
          separator = true;
          onlyDots = false;
          dangerous |= dotPart && partDots > 0 && partDots <= 2;
          dotPart = true;
          partDots = 0;
          continue;
        }
      }
      if (c == '.') {
        dots++;
        partDots++;
      } else {
        // "..;x" is a dot segment to servers that cut path parameters.
        dangerous |= c == ';' && dotPart && partDots > 0 && partDots <= 2;
        onlyDots = false;
        dotPart = false;
      }
    }
    dangerous |= separator && dotPart && partDots > 0 && partDots <= 2;
    if (dangerous) {
      throw MalformedMessageException.badRequest(
          "request target (expected: no dot segment in disguise)");
    }
    return onlyDots && dots <= 2 ? dots : 0;
  }

  private static int escaped(String target, int at, int end) throws MalformedMessageException {
    if (at + 2 < end) {
      int high = Character.digit(target.charAt(at + 1), 16);
      int low = Character.digit(target.charAt(at + 2), 16);
      if (high >= 0 && low >= 0) {
        return high << 4 | low;
      }
    }
    throw MalformedMessageException.badRequest("request target (expected: % and two hex digits)");
  }
}
