package dev.heddle.dataplane.bootstrap;

/** A bootstrap file that cannot be served; the message is for the one who wrote it. */
public final class InvalidBootstrapException extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidBootstrapException(String message) {
    super(message);
  }
}
