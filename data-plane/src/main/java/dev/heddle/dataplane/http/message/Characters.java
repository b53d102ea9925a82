package dev.heddle.dataplane.http.message;

import io.netty.util.AsciiString;

/**
 * Which characters may stand where in a message (RFC 9110, 5; RFC 9113, 8.2.1). Table look-ups, no
 * allocation.
 */
public final class Characters {
  private static final boolean[] TOKEN = table("!#$%&'*+-.^_`|~", true);
  private static final boolean[] AUTHORITY = table("-._~!$&'()*+;=:[]%", true);

  private Characters() {}

  private static boolean[] table(String punctuation, boolean alphanumeric) {
    boolean[] allowed = new boolean[128];
    for (int i = 0; i < punctuation.length(); i++) {
      allowed[punctuation.charAt(i)] = true;
    }
    if (alphanumeric) {
      for (int c = 0; c < 128; c++) {
        allowed[c] |= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      }
    }
    return allowed;
  }

  /** A method or a header name. */
  public static boolean isToken(CharSequence text) {
    return all(text, TOKEN);
  }

  /** A header name of HTTP/2: a token without upper case. */
  public static boolean isLowerCaseToken(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return false;
      }
    }
    return isToken(text);
  }

  /** A header value: no control character but tab, no white space at its ends. */
  public static boolean isHeaderValue(CharSequence text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return length == 0 || (!isSpace(text.charAt(0)) && !isSpace(text.charAt(length - 1)));
  }

  /** A host, with a port if any; without user information. */
  public static boolean isAuthority(CharSequence text) {
    if (!all(text, AUTHORITY)) {
      return false;
    }
    int colon = AsciiString.indexOf(text, ']', 0);
    colon = AsciiString.indexOf(text, ':', Math.max(colon, 0));
    if (colon < 0) {
      return true;
    }
    if (colon == 0 || text.length() - colon > 6) {
      return false;
    }
    for (int i = colon + 1; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean all(CharSequence text, boolean[] allowed) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 128 || !allowed[c]) {
        return false;
      }
    }
    return length > 0;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
