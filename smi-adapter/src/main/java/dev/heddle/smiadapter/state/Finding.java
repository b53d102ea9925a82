package dev.heddle.smiadapter.state;

/**
 * Something a user asked for that cannot be honoured.
 *
 * @param object the user's object
 * @param field the field at fault, such as {@code spec.backends[0].service}
 * @param reason one sentence: what is wrong with it and what happens instead
 * @param extent how much of the object it is about
 */
public record Finding(ObjectReference object, String field, String reason, Extent extent) {

  /** How much of an object cannot be honoured. */
  public enum Extent {
    /** The rest of it is in force. */
    PART,
    /** Nothing of it is in force. */
    WHOLE
  }

  /** About a part of an object. */
  public Finding(ObjectReference object, String field, String reason) {
    this(object, field, reason, Extent.PART);
  }

  /** This finding, about the object as a whole. */
  public Finding ofWhole() {
    return new Finding(object, field, reason, Extent.WHOLE);
  }

  @Override
  public String toString() {
    return object + ": " + field + ": " + reason;
  }
}
