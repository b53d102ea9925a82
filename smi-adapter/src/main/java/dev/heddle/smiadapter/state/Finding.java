package dev.heddle.smiadapter.state;

/**
 * Something a user asked for that cannot be honoured.
 *
 * @param object the user's object
 * @param field the field at fault, such as {@code spec.backends[0].service}
 * @param reason one sentence: what is wrong with it and what happens instead
 */
public record Finding(ObjectReference object, String field, String reason) {

  @Override
  public String toString() {
    return object + ": " + field + ": " + reason;
  }
}
