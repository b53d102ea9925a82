package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * TrafficTarget v1alpha1 and v1alpha2, whose destination may name the only port that is granted.
 * v1alpha3 has no such field; there the annotation stands for it.
 */
final class TargetWithPort implements VersionShape {
  private static final Pattern DECIMAL = Pattern.compile("[1-9][0-9]{0,8}");
  private static final String SPEC = "spec";
  private static final String DESTINATION = "destination";
  private static final String PORT = "port";

  /** Where v1alpha1 has what later versions have in spec. */
  private static final List<FieldMoves.Field> AT_THE_TOP =
      List.of(
          new FieldMoves.Field(DESTINATION, DESTINATION),
          new FieldMoves.Field("sources", "sources"),
          new FieldMoves.Field("specs", "rules"));

  private final boolean fieldsAtTheTop;

  /** JSON of the port as it was written in this version, if it was not a number. */
  private final String writtenAnnotation;

  private TargetWithPort(String version, boolean fieldsAtTheTop) {
    this.fieldsAtTheTop = fieldsAtTheTop;
    this.writtenAnnotation = "heddle.dev/" + version + "-port";
  }

  static TargetWithPort v1alpha1() {
    return new TargetWithPort("v1alpha1", true);
  }

  static TargetWithPort v1alpha2() {
    return new TargetWithPort("v1alpha2", false);
  }

  @Override
  public void toStored(ObjectNode object) {
    if (fieldsAtTheTop) {
      FieldMoves.toSpec(object, AT_THE_TOP);
    }
    Annotations.take(object, writtenAnnotation);
    if (!(object.path(SPEC).get(DESTINATION) instanceof ObjectNode destination)) {
      return;
    }
    JsonNode port = destination.remove(PORT);
    if (port == null || port.isNull()) {
      // One that only the annotation names restricts all the same.
      return;
    }
    String text = port.isTextual() ? port.textValue() : port.toString();
    Annotations.put(object, TrafficTargetPort.ANNOTATION, text);
    if (!port.equals(field(text))) {
      Annotations.putJson(object, writtenAnnotation, port);
    }
  }

  @Override
  public void fromStored(ObjectNode object) {
    Optional<JsonNode> written = Annotations.peekJson(object, writtenAnnotation);
    Annotations.take(object, writtenAnnotation);
    if (object.path(SPEC).get(DESTINATION) instanceof ObjectNode destination) {
      Annotations.take(object, TrafficTargetPort.ANNOTATION)
          .ifPresent(text ->
              destination.set(
                  PORT,
                  written.filter(port -> text(port).equals(text)).orElseGet(() -> field(text))));
    }
    if (fieldsAtTheTop) {
      FieldMoves.toTop(object, AT_THE_TOP);
    }
  }

  @Override
  public String path(String stored) {
    if (stored.equals(TrafficTargetPort.PATH)) {
      return fieldsAtTheTop ? "destination.port" : "spec.destination.port";
    }
    return fieldsAtTheTop ? FieldMoves.path(stored, AT_THE_TOP) : stored;
  }

  private static String text(JsonNode port) {
    return port.isTextual() ? port.textValue() : port.toString();
  }

  private static JsonNode field(String text) {
    return DECIMAL.matcher(text).matches()
        ? IntNode.valueOf(Integer.parseInt(text))
        : TextNode.valueOf(text);
  }
}
