package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a TrafficSplit must be. */
final class TrafficSplitRules {
  private static final String SERVICE_NAME = "the name of a Service";
  private static final List<String> GROUPS = List.of("", "specs.smi-spec.io");

  private TrafficSplitRules() {}

  static List<Mistake> mistakes(JsonNode spec) {
    List<Mistake> mistakes = new ArrayList<>();
    Fields.requireText(mistakes, "spec.service", spec.path("service"), SERVICE_NAME);
    JsonNode backends = spec.path("backends");
    if (!backends.isArray() || backends.isEmpty()) {
      mistakes.add(Mistake.of("spec.backends", backends, "at least one backend"));
    }
    for (int i = 0; i < backends.size(); i++) {
      String field = "spec.backends[" + i + "]";
      JsonNode backend = backends.path(i);
      Fields.requireText(mistakes, field + ".service", backend.path("service"), SERVICE_NAME);
      JsonNode weight = backend.path("weight");
      if (!weight.isIntegralNumber() || !weight.canConvertToInt() || weight.intValue() < 0) {
        mistakes.add(
            Mistake.of(field + ".weight", weight, "a whole number from 0 to " + Integer.MAX_VALUE));
      }
    }
    JsonNode matches = spec.path("matches");
    for (int i = 0; i < matches.size(); i++) {
      match(mistakes, "spec.matches[" + i + "]", matches.path(i));
    }
    return mistakes;
  }

  private static void match(List<Mistake> mistakes, String field, JsonNode match) {
    if (!GROUPS.contains(match.path("apiGroup").asText(""))) {
      mistakes.add(Mistake.of(field + ".apiGroup", match.path("apiGroup"), "specs.smi-spec.io"));
    }
    if (!match.path("kind").asText("").equals("HTTPRouteGroup")) {
      mistakes.add(Mistake.of(field + ".kind", match.path("kind"), "HTTPRouteGroup"));
    }
    Fields.requireText(
        mistakes, field + ".name", match.path("name"), "the name of an HTTPRouteGroup");
  }
}
