package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.conversion.Conversion;
import dev.heddle.smiadapter.conversion.ConversionException;
import dev.heddle.smiadapter.conversion.SmiKind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges an object of the Service Mesh Interface, in whatever version it was written. */
public final class Validation {
  /** What the API server allows for all annotations of an object. */
  private static final int MAX_ANNOTATION_BYTES = 256 * 1024;

  private Validation() {}

  /**
   * What is wrong with an object.
   *
   * @param object as it was written
   * @param before as it was, in the same version, if it existed
   * @param namespace the namespace that it is written to
   * @throws ConversionException if it cannot be read at all
   */
  public static Judgement judge(
      ObjectNode object, Optional<ObjectNode> before, String namespace, ForeignTargets foreign)
      throws ConversionException {
    ObjectNode stored = Conversion.toStored(object);
    String apiVersion = object.path("apiVersion").asText("");
    SmiKind kind =
        SmiKind.of(apiVersion.substring(0, apiVersion.indexOf('/')), object.path("kind").asText(""))
            .orElseThrow();
    String version = apiVersion.substring(apiVersion.indexOf('/') + 1);
    List<Mistake> mistakes = new ArrayList<>(mistakes(kind, stored, namespace, foreign));
    mistakes.addAll(annotations(kind, stored));
    List<String> warnings = List.of();
    if (before.isPresent()) {
      ObjectNode storedBefore = Conversion.toStored(before.get());
      if (version.equals(kind.storedVersion())) {
        warnings = HiddenRestrictions.droppedInSight(kind, storedBefore, stored);
      } else {
        mistakes.addAll(HiddenRestrictions.droppedUnseen(kind, version, storedBefore, stored));
      }
    }
    return new Judgement(
        mistakes.stream().map(mistake -> mistake.at(field -> kind.path(version, field))).toList(),
        warnings);
  }

  /**
   * Whether the object can be shown in the oldest version, where annotations carry most. One that
   * cannot would keep its clients from listing any.
   */
  private static List<Mistake> annotations(SmiKind kind, ObjectNode stored)
      throws ConversionException {
    String oldest = kind.versions().getFirst();
    long bytes = 0;
    for (Map.Entry<String, JsonNode> annotation :
        Conversion.convert(stored, kind.group() + "/" + oldest)
            .path("metadata")
            .path("annotations")
            .properties()) {
      bytes += annotation.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += annotation.getValue().asText("").getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes <= MAX_ANNOTATION_BYTES
        ? List.of()
        : List.of(
            new Mistake(
                "metadata.annotations",
                bytes
                    + " bytes with what "
                    + oldest
                    + " cannot hold otherwise (expected: at most "
                    + MAX_ANNOTATION_BYTES
                    + ")"));
  }

  private static List<Mistake> mistakes(
      SmiKind kind, ObjectNode stored, String namespace, ForeignTargets foreign) {
    JsonNode spec = stored.path("spec");
    return switch (kind) {
      case TRAFFIC_SPLIT -> TrafficSplitRules.mistakes(spec);
      case TRAFFIC_TARGET -> TrafficTargetRules.mistakes(stored, namespace, foreign);
      case HTTP_ROUTE_GROUP -> HttpRouteGroupRules.mistakes(spec);
      case TCP_ROUTE, UDP_ROUTE -> PortRules.mistakes(spec);
    };
  }
}
