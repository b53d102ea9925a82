package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.conversion.TrafficTargetPort;
import java.util.ArrayList;
import java.util.List;

/** What a TrafficTarget must be. */
final class TrafficTargetRules {
  private static final List<String> RULE_KINDS = List.of("HTTPRouteGroup", "TCPRoute", "UDPRoute");

  private TrafficTargetRules() {}

  static List<Mistake> mistakes(ObjectNode stored, String namespace, ForeignTargets foreign) {
    List<Mistake> mistakes = new ArrayList<>();
    JsonNode spec = stored.path("spec");
    JsonNode destination = spec.path("destination");
    subject(mistakes, "spec.destination", destination);
    JsonNode other = destination.path("namespace");
    if (foreign == ForeignTargets.REFUSED
        && !other.asText("").isEmpty()
        && !other.asText("").equals(namespace)) {
      mistakes.add(
          Mistake.of(
              "spec.destination.namespace",
              other,
              namespace
                  + ", the namespace of the TrafficTarget, or spec.foreignTrafficTargets: allowed of the MeshInstall"));
    }
    port(mistakes, stored);
    JsonNode sources = spec.path("sources");
    for (int i = 0; i < sources.size(); i++) {
      subject(mistakes, "spec.sources[" + i + "]", sources.path(i));
    }
    JsonNode rules = spec.path("rules");
    for (int i = 0; i < rules.size(); i++) {
      String field = "spec.rules[" + i + "]";
      JsonNode kind = rules.path(i).path("kind");
      if (!RULE_KINDS.contains(kind.asText(""))) {
        mistakes.add(Mistake.of(field + ".kind", kind, "one of " + String.join(", ", RULE_KINDS)));
      }
      Fields.requireText(
          mistakes, field + ".name", rules.path(i).path("name"), "the name of a route");
    }
    return mistakes;
  }

  private static void subject(List<Mistake> mistakes, String field, JsonNode subject) {
    if (!subject.path("kind").asText("").equals("ServiceAccount")) {
      mistakes.add(Mistake.of(field + ".kind", subject.path("kind"), "ServiceAccount"));
    }
    Fields.requireText(
        mistakes, field + ".name", subject.path("name"), "the name of a ServiceAccount");
  }

  private static void port(List<Mistake> mistakes, ObjectNode stored) {
    TrafficTargetPort.of(stored)
        .filter(text -> TrafficTargetPort.number(text).isEmpty())
        .ifPresent(text ->
            mistakes.add(
                new Mistake(TrafficTargetPort.PATH, text + " (expected: a port from 1 to 65535)")));
  }
}
