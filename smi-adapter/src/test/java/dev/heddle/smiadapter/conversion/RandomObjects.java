package dev.heddle.smiadapter.conversion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes objects of any kind and version that its schema accepts, from a seed. */
final class RandomObjects {
  private static final List<String> QUANTITIES =
      List.of(
          "0", "1", "90", "500m", "1500m", "0.25", "2k", "1Ki", "1e3", "7u", "+5", "100", "4Gi");
  private static final List<String> REGEXES = List.of(".*", "/api/.*", "^v[0-9]+$", "a{2,3}");

  private final RandomGenerator random;

  RandomObjects(RandomGenerator random) {
    this.random = random;
  }

  ObjectNode next(SmiKind kind, String version) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", kind.group() + "/" + version).put("kind", kind.kind());
    metadata(object.putObject("metadata"));
    switch (kind) {
      case TRAFFIC_SPLIT -> split(object.putObject("spec"), version);
      case TRAFFIC_TARGET ->
          target(version.equals("v1alpha1") ? object : object.putObject("spec"), version, object);
      case HTTP_ROUTE_GROUP ->
          group(
              List.of("v1alpha1", "v1alpha2").contains(version) ? object : object.putObject("spec"),
              version);
      case TCP_ROUTE, UDP_ROUTE -> route(object, version);
    }
    if (random.nextBoolean()) {
      object.putObject("status").putArray("conditions").addObject().put("type", "Accepted");
    }
    return object;
  }

  private void metadata(ObjectNode metadata) {
    metadata.put("name", name()).put("namespace", "shop").put("uid", "u" + random.nextInt(1000));
    metadata.put("generation", random.nextInt(9));
    if (random.nextBoolean()) {
      metadata.putObject("annotations").put("example.com/note", name());
    }
    if (random.nextBoolean()) {
      metadata.putObject("labels").put("app", name());
    }
  }

  private void split(ObjectNode spec, String version) {
    spec.put("service", name());
    ArrayNode backends = spec.putArray("backends");
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      ObjectNode backend = backends.addObject().put("service", name());
      if (!version.equals("v1alpha1")) {
        backend.put("weight", random.nextInt(0, 200));
      } else if (random.nextInt(4) == 0) {
        backend.put("weight", random.nextInt(0, 200));
      } else {
        backend.put("weight", pick(QUANTITIES));
      }
    }
    if (List.of("v1alpha3", "v1alpha4").contains(version) && random.nextBoolean()) {
      ArrayNode matches = spec.putArray("matches");
      for (int i = random.nextInt(0, 3); i > 0; i--) {
        ObjectNode match = matches.addObject().put("kind", "HTTPRouteGroup").put("name", name());
        if (random.nextBoolean()) {
          match.put("apiGroup", "specs.smi-spec.io");
        }
      }
    }
  }

  private void target(ObjectNode fields, String version, ObjectNode object) {
    ObjectNode destination = subject(fields.putObject("destination"));
    if (random.nextBoolean()) {
      if (version.equals("v1alpha3")) {
        Annotations.put(object, TrafficTargetPort.ANNOTATION, pick(List.of("80", "9091", "http")));
      } else if (random.nextBoolean()) {
        destination.put("port", random.nextInt(1, 65536));
      } else {
        destination.put("port", Integer.toString(random.nextInt(1, 65536)));
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> fields.putNull("sources");
      case 1 -> {
        // Absent.
      }
      default -> {
        ArrayNode sources = fields.putArray("sources");
        for (int i = random.nextInt(0, 4); i > 0; i--) {
          subject(sources.addObject());
        }
      }
    }
    ArrayNode rules = fields.putArray(version.equals("v1alpha1") ? "specs" : "rules");
    for (int i = random.nextInt(0, 4); i > 0; i--) {
      ObjectNode rule =
          rules
              .addObject()
              .put("kind", pick(List.of("HTTPRouteGroup", "TCPRoute", "UDPRoute")))
              .put("name", name());
      if (random.nextBoolean()) {
        rule.putArray("matches").add(name());
      }
    }
  }

  private ObjectNode subject(ObjectNode subject) {
    subject.put("kind", "ServiceAccount").put("name", name());
    if (random.nextBoolean()) {
      subject.put("namespace", name());
    }
    return subject;
  }

  private void group(ObjectNode fields, String version) {
    if (random.nextInt(10) == 0) {
      return;
    }
    ArrayNode matches = fields.putArray("matches");
    for (int i = random.nextInt(0, 5); i > 0; i--) {
      ObjectNode match = matches.addObject().put("name", name() + i);
      if (random.nextBoolean()) {
        match.put("pathRegex", pick(REGEXES));
      }
      if (random.nextBoolean()) {
        match.putArray("methods").add(pick(List.of("*", "GET", "POST")));
      }
      if (!version.equals("v1alpha1") && random.nextBoolean()) {
        match.set("headers", headers());
      }
    }
  }

  private JsonNode headers() {
    if (random.nextBoolean()) {
      return JsonNodeFactory.instance
          .objectNode()
          .put("x-debug", pick(REGEXES))
          .put("cookie", pick(REGEXES));
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    list.addObject().put("x-debug", pick(REGEXES));
    list.addObject().put("cookie", pick(REGEXES));
    return list;
  }

  private void route(ObjectNode object, String version) {
    switch (version) {
      case "v1alpha1", "v1alpha2" -> {
        // It has no fields.
      }
      case "v1alpha3" -> {
        if (random.nextBoolean()) {
          object.putObject("spec");
        }
      }
      default -> {
        switch (random.nextInt(4)) {
          case 0 -> {
            // Absent.
          }
          case 1 -> object.putObject("spec");
          case 2 -> object.putObject("spec").putObject("matches");
          default -> {
            ObjectNode matches = object.putObject("spec").putObject("matches");
            if (random.nextBoolean()) {
              matches.put("name", name());
            }
            ArrayNode ports = matches.putArray("ports");
            for (int i = random.nextInt(0, 4); i > 0; i--) {
              ports.add(random.nextInt(1, 65536));
            }
          }
        }
      }
    }
  }

  private String name() {
    return pick(List.of("web", "api", "cart", "billing", "a", "b"));
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
