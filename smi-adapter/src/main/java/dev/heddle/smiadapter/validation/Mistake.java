package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.UnaryOperator;

/**
 * Something that can only be a mistake.
 *
 * @param field where, as a path
 * @param problem what is wrong, and what was expected
 */
public record Mistake(String field, String problem) {
  private static final int SHOWN = 200;

  /** One that names its field itself. */
  public static Mistake of(String text) {
    return new Mistake("", text);
  }

  static Mistake of(String field, JsonNode value, String expected) {
    String shown = value.isMissingNode() ? "missing" : value.toString();
    if (value.isTextual()) {
      shown = value.textValue();
    }
    if (shown.length() > SHOWN) {
      shown = shown.substring(0, SHOWN) + "...";
    }
    return new Mistake(field, shown + " (expected: " + expected + ")");
  }

  Mistake at(UnaryOperator<String> path) {
    return new Mistake(path.apply(field), problem);
  }

  /** A sentence for whoever wrote the object. */
  public String text() {
    return field.isEmpty() ? problem : field + ": " + problem;
  }
}
