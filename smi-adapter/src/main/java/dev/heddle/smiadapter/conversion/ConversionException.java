package dev.heddle.smiadapter.conversion;

/** An object that cannot be converted. The message is for whoever wrote it. */
public final class ConversionException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConversionException(String message) {
    super(message);
  }

  public ConversionException(String message, Throwable cause) {
    super(message, cause);
  }
}
