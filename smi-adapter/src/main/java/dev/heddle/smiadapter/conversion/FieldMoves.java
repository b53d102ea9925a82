package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Moves fields that an early version has at the top of an object into its spec, and back. */
final class FieldMoves {
  private static final String SPEC = "spec";

  private FieldMoves() {}

  /**
   * Moves fields into the spec, which exists afterwards.
   *
   * @param names the field's name at the top, and in the spec
   */
  static void toSpec(ObjectNode object, Map<String, String> names) {
    ObjectNode spec =
        object.get(SPEC) instanceof ObjectNode existing ? existing : object.putObject(SPEC);
    names.forEach((top, inSpec) -> {
      if (object.has(top)) {
        spec.set(inSpec, object.remove(top));
      }
    });
  }

  /** Moves fields to the top. What else the spec holds stays in it. */
  static void toTop(ObjectNode object, Map<String, String> names) {
    if (!(object.get(SPEC) instanceof ObjectNode spec)) {
      return;
    }
    names.forEach((top, inSpec) -> {
      if (spec.has(inSpec)) {
        object.set(top, spec.remove(inSpec));
      }
    });
    if (spec.isEmpty()) {
      object.remove(SPEC);
    }
  }

  /** The path at the top of a path in the spec. */
  static String path(String stored, Map<String, String> names) {
    for (Map.Entry<String, String> name : names.entrySet()) {
      String inSpec = SPEC + "." + name.getValue();
      if (stored.equals(inSpec)
          || stored.startsWith(inSpec + ".")
          || stored.startsWith(inSpec + "[")) {
        return name.getKey() + stored.substring(inSpec.length());
      }
    }
    return stored;
  }
}
