package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Rules that fields of several kinds have in common. */
final class Fields {
  private Fields() {}

  static void requireText(List<Mistake> mistakes, String field, JsonNode value, String expected) {
    if (!value.isTextual() || value.textValue().isEmpty()) {
      mistakes.add(Mistake.of(field, value, expected));
    }
  }
}
