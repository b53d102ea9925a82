package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Moves fields that an early version has at the top of an object into its spec, and back. */
final class FieldMoves {
  private static final String SPEC = "spec";

  /**
   * One field.
   *
   * @param top its name at the top
   * @param inSpec its name in the spec
   */
  record Field(String top, String inSpec) {}

  private FieldMoves() {}

  /** Moves fields into the spec, which exists afterwards. */
  static void toSpec(ObjectNode object, List<Field> fields) {
    ObjectNode spec =
        object.get(SPEC) instanceof ObjectNode existing ? existing : object.putObject(SPEC);
    for (Field field : fields) {
      if (object.has(field.top())) {
        spec.set(field.inSpec(), object.remove(field.top()));
      }
    }
  }

  /** Moves fields to the top. What else the spec holds stays in it. */
  static void toTop(ObjectNode object, List<Field> fields) {
    if (!(object.get(SPEC) instanceof ObjectNode spec)) {
      return;
    }
    for (Field field : fields) {
      if (spec.has(field.inSpec())) {
        object.set(field.top(), spec.remove(field.inSpec()));
      }
    }
    if (spec.isEmpty()) {
      object.remove(SPEC);
    }
  }

  /** The path at the top of a path in the spec. */
  static String path(String stored, List<Field> fields) {
    for (Field field : fields) {
      String inSpec = SPEC + "." + field.inSpec();
      if (stored.equals(inSpec)
          || stored.startsWith(inSpec + ".")
          || stored.startsWith(inSpec + "[")) {
        return field.top() + stored.substring(inSpec.length());
      }
    }
    return stored;
  }
}
