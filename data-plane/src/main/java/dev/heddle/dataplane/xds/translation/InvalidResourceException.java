package dev.heddle.dataplane.xds.translation;

/**
 * A resource that cannot be honoured; the message names the field's path, its value and what was
 * expected.
 */
public final class InvalidResourceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InvalidResourceException(String message) {
    super(message);
  }
}
