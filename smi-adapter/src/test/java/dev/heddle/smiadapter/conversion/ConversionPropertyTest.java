package dev.heddle.smiadapter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every object and every pair of versions. */
class ConversionPropertyTest {
  private static final int OBJECTS = 500;

  static Stream<Arguments> pairs() {
    return Arrays.stream(SmiKind.values())
        .flatMap(kind ->
            kind.versions().stream()
                .flatMap(from -> kind.versions().stream().map(to -> Arguments.of(kind, from, to))));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void thereAndBackIsTheSame(SmiKind kind, String from, String to) throws Exception {
    RandomObjects objects = new RandomObjects(new Random(1));
    for (int i = 0; i < OBJECTS; i++) {
      ObjectNode object = objects.next(kind, from);

      ObjectNode there = convert(object, kind, to);

      assertThat(there.path("apiVersion").asText()).isEqualTo(kind.group() + "/" + to);
      assertThat(convert(there, kind, from)).as("by way of %s", there).isEqualTo(object);
    }
  }

  /** The API server refuses a conversion that changes more of the metadata. */
  @ParameterizedTest
  @MethodSource("pairs")
  void metadataStaysButForAnnotations(SmiKind kind, String from, String to) throws Exception {
    RandomObjects objects = new RandomObjects(new Random(2));
    for (int i = 0; i < OBJECTS; i++) {
      ObjectNode object = objects.next(kind, from);

      ObjectNode there = convert(object, kind, to);

      assertThat(withoutAnnotations(there)).isEqualTo(withoutAnnotations(object));
      assertThat(there.path("status")).isEqualTo(object.path("status"));
    }
  }

  /** No older version shows a field that only a newer one has. */
  @ParameterizedTest
  @MethodSource("pairs")
  void versionsShowTheirOwnFieldsOnly(SmiKind kind, String from, String to) throws Exception {
    RandomObjects objects = new RandomObjects(new Random(3));
    for (int i = 0; i < OBJECTS; i++) {
      ObjectNode there = convert(objects.next(kind, from), kind, to);

      assertThat(there.properties().stream().map(Map.Entry::getKey))
          .as("%s", there)
          .isSubsetOf(topFields(kind, to));
      if (kind == SmiKind.TRAFFIC_TARGET && to.equals("v1alpha3")) {
        assertThat(there.at("/spec/destination").has("port")).isFalse();
      }
      if (kind == SmiKind.TRAFFIC_SPLIT && List.of("v1alpha1", "v1alpha2").contains(to)) {
        assertThat(there.path("spec").has("matches")).isFalse();
      }
      if (kind == SmiKind.HTTP_ROUTE_GROUP && to.equals("v1alpha1")) {
        assertThat(there.findValues("headers")).isEmpty();
      }
      if (kind == SmiKind.TCP_ROUTE && !to.equals("v1alpha4")) {
        assertThat(there.path("spec")).isEmpty();
      }
    }
  }

  /** Whatever a client of an older version does to the fields that it sees. */
  @ParameterizedTest
  @MethodSource("pairs")
  void restrictionsOutliveChangesInAnOlderVersion(SmiKind kind, String from, String to)
      throws Exception {
    Random random = new Random(4);
    RandomObjects objects = new RandomObjects(random);
    for (int i = 0; i < OBJECTS; i++) {
      ObjectNode object = Conversion.toStored(objects.next(kind, from));
      ObjectNode older = convert(object, kind, to);
      OlderClient.change(older, random);

      ObjectNode back = Conversion.toStored(older);

      assertThat(restrictions(kind, back))
          .as("%s after %s", object, older)
          .isEqualTo(restrictions(kind, object));
    }
  }

  @Test
  void quantitiesKeepTheirRatio() throws Exception {
    Random random = new Random(5);
    RandomObjects objects = new RandomObjects(random);
    for (int i = 0; i < OBJECTS; i++) {
      ObjectNode object = objects.next(SmiKind.TRAFFIC_SPLIT, "v1alpha1");
      List<BigDecimal> written = weights(object);

      List<BigDecimal> stored = weights(Conversion.toStored(object));

      // A share above 2147483647 is rounded with the others; none vanishes.
      boolean exact = !object.toString().contains("4Gi");
      for (int one = 0; one < written.size(); one++) {
        assertThat(stored.get(one).signum()).isEqualTo(written.get(one).signum());
        for (int other = 0; exact && other < written.size(); other++) {
          assertThat(written.get(one).multiply(stored.get(other)))
              .as("%s as %s", written, stored)
              .isEqualByComparingTo(written.get(other).multiply(stored.get(one)));
        }
      }
    }
  }

  private static List<BigDecimal> weights(ObjectNode split) {
    List<BigDecimal> weights = new ArrayList<>();
    for (JsonNode backend : split.at("/spec/backends")) {
      weights.add(Quantities.parse(backend.path("weight")).orElseThrow());
    }
    return weights;
  }

  /** What narrows an object, by what it narrows. */
  private static Map<String, JsonNode> restrictions(SmiKind kind, ObjectNode stored) {
    Map<String, JsonNode> restrictions = new TreeMap<>();
    switch (kind) {
      case TRAFFIC_SPLIT -> restrictions.put("matches", stored.at("/spec/matches"));
      case TRAFFIC_TARGET ->
          restrictions.put(
              "port",
              stored.path("metadata").path("annotations").path(TrafficTargetPort.ANNOTATION));
      case HTTP_ROUTE_GROUP -> {
        for (JsonNode match : stored.at("/spec/matches")) {
          restrictions.put(match.path("name").asText(), match.path("headers"));
        }
      }
      case TCP_ROUTE, UDP_ROUTE -> restrictions.put("ports", stored.at("/spec/matches/ports"));
    }
    return restrictions;
  }

  private static JsonNode withoutAnnotations(ObjectNode object) {
    ObjectNode metadata = object.path("metadata").deepCopy();
    metadata.remove("annotations");
    return metadata;
  }

  private static List<String> topFields(SmiKind kind, String version) {
    List<String> fields = new ArrayList<>(List.of("apiVersion", "kind", "metadata", "status"));
    boolean early = List.of("v1alpha1", "v1alpha2").contains(version);
    switch (kind) {
      case TRAFFIC_SPLIT, UDP_ROUTE -> fields.add("spec");
      case TRAFFIC_TARGET ->
          fields.addAll(
              version.equals("v1alpha1")
                  ? List.of("destination", "sources", "specs")
                  : List.of("spec"));
      case HTTP_ROUTE_GROUP -> fields.add(early ? "matches" : "spec");
      case TCP_ROUTE -> {
        if (!early) {
          fields.add("spec");
        }
      }
    }
    return fields;
  }

  private static ObjectNode convert(ObjectNode object, SmiKind kind, String version)
      throws ConversionException {
    return Conversion.convert(object, kind.group() + "/" + version);
  }
}
