package dev.heddle.smiadapter.injection;

/** A pod that is not admitted. The message is for whoever created it. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedException(String message) {
    super(message);
  }
}
