package dev.heddle.dataplane.jwt;

/** A token or key set that is not accepted. The message may be shown to the client. */
public final class InvalidTokenException extends Exception {
  private static final long serialVersionUID = 1;

  InvalidTokenException(String message) {
    super(message, null, false, false);
  }
}
