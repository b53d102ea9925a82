package dev.heddle.meshapi.process;

/**
 * A setting that a process cannot start with. The message names the setting, its value and what was
 * expected.
 */
public final class InvalidSettingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Puts the three together.
   *
   * @param name the setting, for example an environment variable
   * @param value the value found; secrets must not be passed here
   * @param expected what was expected instead, for example {@code >= 0}
   */
  public InvalidSettingException(String name, String value, String expected) {
    super(name + ": " + value + " (expected: " + expected + ")");
  }
}
