package dev.heddle.dataplane.http.message;

/**
 * A message that is not forwarded because it is malformed, ambiguous or too large. Has no stack
 * trace.
 */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * Says what is wrong.
   *
   * @param status the response status that says so
   * @param reason names the part, the value where it is harmless, and what was expected
   */
  public MalformedMessageException(int status, String reason) {
    super(reason, null, false, false);
    this.status = status;
  }

  public static MalformedMessageException badRequest(String reason) {
    return new MalformedMessageException(400, reason);
  }

  public int status() {
    return status;
  }

  public String reason() {
    String message = getMessage();
    return message == null ? "malformed" : message;
  }
}
