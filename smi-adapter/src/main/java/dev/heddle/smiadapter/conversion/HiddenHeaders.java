package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * The headers of an HTTPRouteGroup's matches, out of the sight of v1alpha1. They belong to the
 * match of the same name, whatever else of it is changed; failing that to one that only was
 * renamed, known by a digest of the rest of it. With a match that is gone they are gone.
 */
final class HiddenHeaders {
  /**
   * A JSON list of {@code {"name": <of the match>, "rest": <digest of its other fields>, "headers":
   * <as they were written>}}, one for each match there was; those without headers are listed so
   * that they never get another's.
   */
  static final String ANNOTATION = "heddle.dev/headers";

  private static final String NAME = "name";
  private static final String REST = "rest";
  private static final String HEADERS = "headers";
  private static final int DIGEST_BYTES = 8;

  private HiddenHeaders() {}

  /** From the matches into the annotation. */
  static void hide(ObjectNode object) {
    Annotations.take(object, ANNOTATION);
    ArrayNode hidden = JsonNodeFactory.instance.arrayNode();
    boolean any = false;
    for (ObjectNode match : matches(object)) {
      JsonNode headers = match.remove(HEADERS);
      ObjectNode entry = hidden.addObject();
      entry.put(NAME, match.path(NAME).asText("")).put(REST, rest(match));
      if (headers != null) {
        entry.set(HEADERS, headers);
        any = true;
      }
    }
    if (any) {
      Annotations.putJson(object, ANNOTATION, hidden);
    }
  }

  /** From the annotation into the matches. */
  static void show(ObjectNode object) throws ConversionException {
    Optional<JsonNode> hidden = Annotations.takeJson(object, ANNOTATION);
    if (hidden.isEmpty()) {
      return;
    }
    List<JsonNode> entries = new ArrayList<>();
    for (JsonNode entry : hidden.get()) {
      if (!entry.path(NAME).isTextual()) {
        throw Annotations.invalid(
            ANNOTATION, hidden.get().toString(), "a list of names and headers");
      }
      entries.add(entry);
    }
    List<ObjectNode> open = matches(object);
    // The most certain first: two matches of one name are told apart by the rest of them.
    settle(open, entries, HiddenHeaders::isSame);
    settle(open, entries, HiddenHeaders::hasSameName);
    settle(open, entries, HiddenHeaders::hasSameRest);
  }

  /** Gives each match the headers of the entry that belongs to it, and takes both off the lists. */
  private static void settle(
      List<ObjectNode> open, List<JsonNode> entries, BiPredicate<JsonNode, ObjectNode> belongs) {
    open.removeIf(match -> {
      Optional<JsonNode> entry =
          entries.stream().filter(candidate -> belongs.test(candidate, match)).findFirst();
      entry.ifPresent(found -> {
        entries.remove(found);
        if (found.has(HEADERS) && !match.has(HEADERS)) {
          match.set(HEADERS, found.get(HEADERS));
        }
      });
      return entry.isPresent();
    });
  }

  private static boolean isSame(JsonNode entry, ObjectNode match) {
    return hasSameName(entry, match) && hasSameRest(entry, match);
  }

  private static boolean hasSameName(JsonNode entry, ObjectNode match) {
    return entry.path(NAME).asText("").equals(match.path(NAME).asText(""));
  }

  private static boolean hasSameRest(JsonNode entry, ObjectNode match) {
    return entry.path(REST).asText("").equals(rest(match));
  }

  private static List<ObjectNode> matches(ObjectNode object) {
    List<ObjectNode> matches = new ArrayList<>();
    for (JsonNode match : object.path("spec").path("matches")) {
      if (match instanceof ObjectNode candidate) {
        matches.add(candidate);
      }
    }
    return matches;
  }

  private static String rest(ObjectNode match) {
    TreeMap<String, JsonNode> fields = new TreeMap<>();
    match.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    fields.remove(NAME);
    fields.remove(HEADERS);
    byte[] text = fields.toString().getBytes(StandardCharsets.UTF_8);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
