package dev.heddle.dataplane.jwt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Base64;

/** JSON in which no name occurs twice, and what is encoded in it. */
final class Json {

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  static JsonNode object(byte[] text, String what) throws InvalidTokenException {
    try {
      JsonNode node = STRICT.readTree(text);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw invalid(what + " is no JSON");
    } catch (java.io.IOException e) {
      throw invalid(what + " cannot be read");
    }
    throw new InvalidTokenException(what + " is no JSON object");
  }

  static byte[] base64Url(String text, String what) throws InvalidTokenException {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw invalid(what + " is not base64url");
    }
  }

  static InvalidTokenException invalid(String message) {
    return new InvalidTokenException(message);
  }

  /** The value of a string member; empty where there is none. */
  static String text(JsonNode object, String name) {
    JsonNode value = object.get(name);
    return value != null && value.isTextual() ? value.textValue() : "";
  }
}
