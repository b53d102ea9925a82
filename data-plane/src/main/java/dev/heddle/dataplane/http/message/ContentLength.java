package dev.heddle.dataplane.http.message;

/** The value of Content-Length: digits and nothing else (RFC 9110, 8.6). */
public final class ContentLength {
  private static final int MAX_DIGITS = 18;

  private ContentLength() {}

  /**
   * Reads the value.
   *
   * @throws MalformedMessageException for a sign, a space, a list, or more than 18 digits
   */
  public static long parse(CharSequence value) throws MalformedMessageException {
    int length = value.length();
    if (length == 0 || length > MAX_DIGITS) {
      throw invalid();
    }
    long result = 0;
    for (int i = 0; i < length; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw invalid();
      }
      result = result * 10 + digit;
    }
    return result;
  }

  private static MalformedMessageException invalid() {
    return MalformedMessageException.badRequest("Content-Length (expected: one decimal number)");
  }
}
