package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.random.RandomGenerator;

/**
 * What a client does that reads an object, changes what it knows of and writes it back. It knows no
 * annotations, and keeps them. It leaves alone what restricts and it can see.
 */
final class OlderClient {
  private OlderClient() {}

  static void change(ObjectNode object, RandomGenerator random) {
    changeSpec(object.path("spec"), random);
    if (object.path("matches") instanceof ArrayNode matches) {
      changeMatches(matches, random);
    }
    if (object.path("destination") instanceof ObjectNode destination) {
      destination.put("name", "changed");
    }
  }

  private static void changeSpec(JsonNode spec, RandomGenerator random) {
    if (spec.path("backends") instanceof ArrayNode backends) {
      for (JsonNode backend : backends) {
        JsonNode weight = backend.path("weight");
        if (backend instanceof ObjectNode changed && weight.isTextual()) {
          changed.put("weight", Integer.toString(random.nextInt(100)));
        } else if (backend instanceof ObjectNode changed) {
          changed.put("weight", random.nextInt(100));
        }
      }
    }
    if (spec.path("matches") instanceof ArrayNode matches) {
      changeMatches(matches, random);
    }
  }

  /** Changes the paths of matches and turns their order around. */
  private static void changeMatches(ArrayNode matches, RandomGenerator random) {
    if (matches.isEmpty() || !matches.get(0).has("name") || matches.get(0).has("kind")) {
      return;
    }
    ArrayNode before = matches.deepCopy();
    matches.removeAll();
    for (int i = before.size() - 1; i >= 0; i--) {
      ObjectNode match = before.get(i).deepCopy();
      if (random.nextBoolean()) {
        match.put("pathRegex", "/changed" + random.nextInt(9));
      }
      matches.add(match);
    }
  }
}
