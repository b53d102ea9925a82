package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** The annotations that carry, in an object of one version, what only another version has. */
final class Annotations {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Annotations() {}

  /** The text of an annotation; empty if the object does not have it. */
  static Optional<String> get(ObjectNode object, String name) {
    JsonNode value = object.path("metadata").path("annotations").path(name);
    return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
  }

  /** Takes an annotation off the object, and with the last one the map. */
  static Optional<String> take(ObjectNode object, String name) {
    Optional<String> value = get(object, name);
    if (object.path("metadata") instanceof ObjectNode metadata
        && metadata.path("annotations") instanceof ObjectNode annotations
        && annotations.remove(name) != null
        && annotations.isEmpty()) {
      metadata.remove("annotations");
    }
    return value;
  }

  /** Sets an annotation, on an object whatever it has for metadata. */
  static void put(ObjectNode object, String name, String value) {
    ObjectNode metadata =
        object.get("metadata") instanceof ObjectNode existing
            ? existing
            : object.putObject("metadata");
    ObjectNode annotations =
        metadata.get("annotations") instanceof ObjectNode existing
            ? existing
            : metadata.putObject("annotations");
    annotations.put(name, value);
  }

  /** Sets an annotation to a JSON text. */
  static void putJson(ObjectNode object, String name, JsonNode value) {
    put(object, name, value.toString());
  }

  /**
   * Takes a JSON text off the object.
   *
   * @throws ConversionException naming the annotation, if it is no JSON
   */
  static Optional<JsonNode> takeJson(ObjectNode object, String name) throws ConversionException {
    Optional<String> text = take(object, name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(MAPPER.readTree(text.get()));
    } catch (JsonProcessingException e) {
      throw invalid(name, text.get(), "JSON, as it was when this object was read", e);
    }
  }

  /** Reads a JSON text; empty if there is none, or it is none. */
  static Optional<JsonNode> peekJson(ObjectNode object, String name) {
    Optional<String> text = get(object, name);
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(MAPPER.readTree(text.get()));
    } catch (JsonProcessingException e) {
      // Somebody else's writing tells nothing about ours.
      return Optional.empty();
    }
  }

  static ConversionException invalid(String name, String value, String expected) {
    return new ConversionException(message(name, value, expected));
  }

  private static ConversionException invalid(
      String name, String value, String expected, Throwable cause) {
    return new ConversionException(message(name, value, expected), cause);
  }

  private static String message(String name, String value, String expected) {
    String shown = value.length() > 100 ? value.substring(0, 100) + "..." : value;
    return "metadata.annotations[" + name + "]: " + shown + " (expected: " + expected + ")";
  }
}
