package dev.heddle.ca.authentication;

/**
 * The caller did not prove who it is. The message is for the caller and repeats nothing of the
 * token.
 */
public final class UnauthenticatedException extends Exception {
  private static final long serialVersionUID = 1L;

  UnauthenticatedException(String message) {
    super(message);
  }
}
