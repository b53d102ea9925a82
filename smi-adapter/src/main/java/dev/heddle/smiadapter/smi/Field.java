package dev.heddle.smiadapter.smi;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of an object as it is stored. Whoever installed the schema, or none, any value may be in
 * it; reading names what is wrong.
 *
 * @param path where it is, such as {@code spec.rules[0].kind}
 * @param value what is in it; a missing node where it is absent
 */
record Field(String path, JsonNode value) {

  /** Whether there is nothing, which clients of Go also write as null. */
  boolean absent() {
    return value.isMissingNode() || value.isNull();
  }

  /** A field of this one. */
  Field child(String name) {
    return new Field(path + "." + name, value.path(name));
  }

  /** The elements of a list; none if it is absent. */
  List<Field> elements() throws NotHonoured {
    if (!absent() && !value.isArray()) {
      throw invalid("a list");
    }
    List<Field> elements = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      elements.add(new Field(path + "[" + i + "]", value.get(i)));
    }
    return elements;
  }

  /**
   * A text that says something.
   *
   * @param expected what the text should be, for the message
   */
  String text(String expected) throws NotHonoured {
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw invalid(expected);
    }
    return value.textValue();
  }

  /** A text, or another where there is none. */
  String text(String expected, String otherwise) throws NotHonoured {
    boolean empty = absent() || (value.isTextual() && value.textValue().isEmpty());
    return empty ? otherwise : text(expected);
  }

  /** A whole number within bounds, both included. */
  int number(int least, int most) throws NotHonoured {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw invalid("a whole number from " + least + " to " + most);
    }
    return value.intValue();
  }

  /** An object. */
  Field object() throws NotHonoured {
    if (!value.isObject()) {
      throw invalid("an object");
    }
    return this;
  }

  /** Says what is there and what should be. */
  NotHonoured invalid(String expected) {
    return new NotHonoured(path, shown() + " (expected: " + expected + ")");
  }

  private String shown() {
    return absent() ? "missing" : value.toString();
  }
}
