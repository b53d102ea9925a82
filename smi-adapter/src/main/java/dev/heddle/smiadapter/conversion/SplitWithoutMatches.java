package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * TrafficSplit v1alpha1 and v1alpha2, which split every request. The matches of later versions
 * travel in an annotation, and stay whatever else is changed: a split that is meant for some
 * requests does not become one for all of them.
 */
final class SplitWithoutMatches implements VersionShape {
  /** The JSON list {@code spec.matches} of later versions. */
  static final String ANNOTATION = "heddle.dev/matches";

  private static final String MATCHES = "matches";

  private final boolean quantities;

  /**
   * Makes the shape.
   *
   * @param quantities whether weights are quantities, as in v1alpha1
   */
  SplitWithoutMatches(boolean quantities) {
    this.quantities = quantities;
  }

  @Override
  public void toStored(ObjectNode object) throws ConversionException {
    Optional<JsonNode> matches = Annotations.takeJson(object, ANNOTATION);
    if (matches.isPresent() && !(matches.get().isArray() || matches.get().isNull())) {
      throw Annotations.invalid(ANNOTATION, matches.get().toString(), "a list");
    }
    if (object.get("spec") instanceof ObjectNode spec) {
      matches.ifPresent(carried -> spec.set(MATCHES, carried));
    } else {
      matches.ifPresent(carried -> Annotations.putJson(object, ANNOTATION, carried));
    }
    if (quantities) {
      QuantityWeights.toWholeNumbers(object);
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    Annotations.take(object, ANNOTATION);
    if (object.get("spec") instanceof ObjectNode spec && spec.has(MATCHES)) {
      Annotations.putJson(object, ANNOTATION, spec.remove(MATCHES));
    }
    if (quantities) {
      QuantityWeights.toQuantities(object);
    }
  }
}
