package dev.heddle.operator.status;

import dev.heddle.crds.install.Condition;

/**
 * What was found out about one part of a mesh.
 *
 * @param status whether it can do its work
 * @param reason why, in one word
 * @param message why, in a sentence that says what is missing and where
 */
public record Finding(Condition.Status status, String reason, String message) {

  /** The part can do its work. */
  static Finding good(String reason, String message) {
    return new Finding(Condition.Status.TRUE, reason, message);
  }

  /** The part cannot do its work, or not as it should. */
  static Finding bad(String reason, String message) {
    return new Finding(Condition.Status.FALSE, reason, message);
  }

  /** Nothing can be said, because something else comes first. */
  static Finding unknown(String reason, String message) {
    return new Finding(Condition.Status.UNKNOWN, reason, message);
  }

  boolean isGood() {
    return status == Condition.Status.TRUE;
  }
}
