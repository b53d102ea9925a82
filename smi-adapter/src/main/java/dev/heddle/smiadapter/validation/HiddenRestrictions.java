package dev.heddle.smiadapter.validation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.conversion.SmiKind;
import dev.heddle.smiadapter.conversion.TrafficTargetPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells when a write drops what narrowed an object.
 *
 * <p>Conversion keeps it through an older version, in annotations, as long as they are written
 * back. A client that writes the whole object anew leaves them out, and would open what it has
 * never seen closed: that is refused. Who drops it in a version that shows it means it.
 */
final class HiddenRestrictions {
  private static final String MATCHES = "matches";

  private HiddenRestrictions() {}

  /**
   * What an update drops that its version does not show.
   *
   * @param before the object as it was, in the stored version's shape
   * @param after as it would be
   */
  static List<Mistake> droppedUnseen(
      SmiKind kind, String version, ObjectNode before, ObjectNode after) {
    return switch (kind) {
      case TRAFFIC_SPLIT ->
          List.of("v1alpha1", "v1alpha2").contains(version)
                  && !before.path("spec").path(MATCHES).isEmpty()
                  && after.path("spec").path(MATCHES).isEmpty()
              ? List.of(dropped("heddle.dev/matches", version, "the matches"))
              : List.of();
      case HTTP_ROUTE_GROUP ->
          version.equals("v1alpha1") && opensMatches(before, after)
              ? List.of(dropped("heddle.dev/headers", version, "the headers of matches"))
              : List.of();
      case TCP_ROUTE ->
          !ports(before).isEmpty() && ports(after).isEmpty()
              ? List.of(dropped("heddle.dev/tcproute-spec", version, "the ports"))
              : List.of();
      // Older versions show the port of a TrafficTarget. There is one version of UDPRoute.
      case TRAFFIC_TARGET, UDP_ROUTE -> List.of();
    };
  }

  /** What an update in the stored version drops that its writer may not know he holds. */
  static List<String> droppedInSight(SmiKind kind, ObjectNode before, ObjectNode after) {
    return kind == SmiKind.TRAFFIC_TARGET
            && TrafficTargetPort.of(before).isPresent()
            && TrafficTargetPort.of(after).isEmpty()
        ? List.of(
            TrafficTargetPort.PATH
                + ": removed; the target grants access to every port that its rules allow")
        : List.of();
  }

  /**
   * Whether matches with headers went and others without any came: be it one whose headers were
   * dropped, or one that was renamed and changed at once. Only to remove matches opens nothing.
   */
  private static boolean opensMatches(ObjectNode before, ObjectNode after) {
    Map<String, JsonNode> known = new HashMap<>();
    boolean dropped = false;
    for (JsonNode match : before.path("spec").path(MATCHES)) {
      known.put(match.path("name").asText(""), match.path("headers"));
    }
    List<String> kept = new ArrayList<>();
    boolean opened = false;
    for (JsonNode match : after.path("spec").path(MATCHES)) {
      String name = match.path("name").asText("");
      JsonNode headers = known.get(name);
      boolean wasOpen = headers != null && headers.isMissingNode();
      opened |= !match.has("headers") && !wasOpen;
      if (match.has("headers")) {
        kept.add(match.path("headers").toString());
      }
    }
    for (JsonNode headers : known.values()) {
      dropped |= !headers.isMissingNode() && !kept.remove(headers.toString());
    }
    return opened && dropped;
  }

  private static JsonNode ports(ObjectNode route) {
    return route.path("spec").path(MATCHES).path("ports");
  }

  private static Mistake dropped(String annotation, String version, String what) {
    return new Mistake(
        "metadata.annotations[" + annotation + "]",
        "missing (expected: as it was read; it holds "
            + what
            + " of the object, which "
            + version
            + " cannot show. Who wants to drop them writes a newer version)");
  }
}
