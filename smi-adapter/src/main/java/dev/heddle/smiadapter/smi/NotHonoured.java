package dev.heddle.smiadapter.smi;

import dev.heddle.smiadapter.state.Finding;
import dev.heddle.smiadapter.state.ObjectReference;

/** Why an object, or a part of one, is refused. */
final class NotHonoured extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String reason;

  NotHonoured(String field, String reason) {
    super(field + ": " + reason, null, false, false);
    this.field = field;
    this.reason = reason;
  }

  /** What the user is told of it, as a part of an object. */
  Finding in(ObjectReference object) {
    return new Finding(object, field, reason);
  }

  /** What the user is told of it, as the reason why nothing of an object is in force. */
  Finding on(ObjectReference object) {
    return in(object).ofWhole();
  }
}
