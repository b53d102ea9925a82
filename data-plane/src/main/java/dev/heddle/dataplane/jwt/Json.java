package dev.heddle.dataplane.jwt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** JSON as RFC 8259 has it, in which no name occurs twice, and what is encoded in it. */
final class Json {

  private static final int MAX_DEPTH = 32;

  private Json() {}

  static JsonObject object(byte[] text, String what) throws InvalidTokenException {
    JsonReader reader = new JsonReader(new StringReader(new String(text, StandardCharsets.UTF_8)));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement element = element(reader, what, 0);
      if (reader.peek() == JsonToken.END_DOCUMENT && element.isJsonObject()) {
        return element.getAsJsonObject();
      }
    } catch (MalformedJsonException | EOFException | NumberFormatException e) {
      throw invalid(what + " is no JSON");
    } catch (IOException e) {
      throw invalid(what + " cannot be read");
    }
    throw invalid(what + " is no JSON object");
  }

  private static JsonElement element(JsonReader reader, String what, int depth)
      throws IOException, InvalidTokenException {
    if (depth > MAX_DEPTH) {
      throw invalid(what + " is nested too deeply");
    }
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
          String name = reader.nextName();
          if (object.has(name)) {
            throw invalid(what + " has a name twice");
          }
          object.add(name, element(reader, what, depth + 1));
        }
        reader.endObject();
        yield object;
      }
      case BEGIN_ARRAY -> {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
          array.add(element(reader, what, depth + 1));
        }
        reader.endArray();
        yield array;
      }
      case STRING -> new JsonPrimitive(reader.nextString());
      case NUMBER -> new JsonPrimitive(new BigDecimal(reader.nextString()));
      case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
      case NULL -> {
        reader.nextNull();
        yield JsonNull.INSTANCE;
      }
      case END_OBJECT, END_ARRAY, NAME, END_DOCUMENT -> throw invalid(what + " is no JSON");
    };
  }

  static InvalidTokenException invalid(String message) {
    return new InvalidTokenException(message);
  }

  static byte[] base64Url(String text, String what) throws InvalidTokenException {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw invalid(what + " is not base64url");
    }
  }

  /** The value of a string member; empty where there is none. */
  static String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return isText(value) ? value.getAsString() : "";
  }

  static boolean isText(@org.jspecify.annotations.Nullable JsonElement value) {
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }
}
