package dev.heddle.smiadapter.settings;

/**
 * A {@code mesh.yaml} that cannot be used. The message names the field, its value and what was
 * expected.
 */
public final class InvalidConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  InvalidConfigurationException(String message) {
    super(message);
  }

  InvalidConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
