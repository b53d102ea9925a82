package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * TCPRoute v1alpha1 to v1alpha3, which mean every port. The ports of v1alpha4 travel in an
 * annotation, and stay whatever else is changed.
 */
final class RouteWithoutPorts implements VersionShape {
  /** The JSON object {@code spec} of v1alpha4. */
  static final String ANNOTATION = "heddle.dev/tcproute-spec";

  private static final String SPEC = "spec";

  private final boolean emptySpec;

  /**
   * Makes the shape.
   *
   * @param emptySpec whether the version has a spec, albeit an empty one
   */
  RouteWithoutPorts(boolean emptySpec) {
    this.emptySpec = emptySpec;
  }

  @Override
  public void toStored(ObjectNode object) throws ConversionException {
    Optional<JsonNode> spec = Annotations.takeJson(object, ANNOTATION);
    if (spec.isPresent()) {
      if (!spec.get().isObject()) {
        throw Annotations.invalid(ANNOTATION, spec.get().toString(), "an object");
      }
      object.set(SPEC, spec.get());
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    Annotations.take(object, ANNOTATION);
    if (!(object.get(SPEC) instanceof ObjectNode spec) || (emptySpec && spec.isEmpty())) {
      return;
    }
    Annotations.putJson(object, ANNOTATION, spec);
    object.remove(SPEC);
    if (emptySpec) {
      object.putObject(SPEC);
    }
  }
}
