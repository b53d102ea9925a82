package dev.heddle.smiadapter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of different versions do to one object, one after the other. */
class ConversionTest {
  private static final String SPLIT = "split.smi-spec.io/";
  private static final String ACCESS = "access.smi-spec.io/";
  private static final String SPECS = "specs.smi-spec.io/";

  private final ObjectMapper yaml = new ObjectMapper(new YAMLFactory());

  @ParameterizedTest
  @CsvSource({
    "'1, 500m', '2, 1'",
    "'100, 0', '100, 0'",
    "'90, 10', '90, 10'",
    "'500m, 0m', '1, 0'",
    "'0.1, 0.2, 0.7', '1, 2, 7'",
    "'1e3, 1k', '1000, 1000'",
    "'8Gi, 4Gi', '2, 1'",
    "'0, 0', '0, 0'",
    "'9E, 1n', '2147483647, 1'",
  })
  void quantitiesBecomeWholeNumbersOfTheirRatio(String quantities, String weights)
      throws Exception {
    ObjectNode split = split("v1alpha1", quantities);

    assertThat(Conversion.convert(split, SPLIT + "v1alpha2").at("/spec"))
        .isEqualTo(split("v1alpha2", weights).at("/spec"));
  }

  @Test
  void theTextOfAQuantityIsForgottenWhenItsWeightChanges() throws Exception {
    ObjectNode stored = Conversion.toStored(split("v1alpha1", "1, 500m"));
    weight(stored, 0, 3);

    assertThat(Conversion.convert(stored, SPLIT + "v1alpha1").toString())
        .contains("\"3\"", "\"1\"")
        .doesNotContain("500m");
  }

  @ParameterizedTest
  @CsvSource({"abc", "1e999999999", "--1", "1 2"})
  void whatIsNoQuantityIsLeftForItsReaderToRefuse(String weight) throws Exception {
    assertThat(Conversion.toStored(split("v1alpha1", "1, '" + weight + "'")).at("/spec"))
        .isEqualTo(split("v1alpha4", "'1', '" + weight + "'").at("/spec"));
  }

  @Test
  void aPortIsReadableInTheAnnotationAndFollowsIt() throws Exception {
    ObjectNode target = target("v1alpha2", "port: 9091");

    ObjectNode stored = Conversion.toStored(target);

    assertThat(annotations(stored)).isEqualTo(Map.of("heddle.dev/destination-port", "9091"));
    assertThat(stored.at("/spec/destination").has("port")).isFalse();
    Annotations.put(stored, TrafficTargetPort.ANNOTATION, "80");
    assertThat(Conversion.convert(stored, ACCESS + "v1alpha1").at("/destination/port").asInt())
        .isEqualTo(80);
    Annotations.take(stored, TrafficTargetPort.ANNOTATION);
    assertThat(Conversion.convert(stored, ACCESS + "v1alpha2").at("/spec/destination").has("port"))
        .isFalse();
  }

  @Test
  void aPortGivenByAnnotationAloneIsKept() throws Exception {
    ObjectNode target = target("v1alpha1", null);
    Annotations.put(target, TrafficTargetPort.ANNOTATION, "80");

    assertThat(annotations(Conversion.toStored(target)))
        .containsEntry("heddle.dev/destination-port", "80");
  }

  @Test
  void headersFollowTheirMatch() throws Exception {
    ObjectNode older =
        Conversion.convert(
            group(
                """
                - {name: debug, pathRegex: /a, headers: {x-debug: "1"}}
                - {name: open, pathRegex: /a}
                - {name: admin, methods: [POST], headers: [{cookie: .*admin.*}]}
                """),
            SPECS + "v1alpha1");
    assertThat(older.findValues("headers")).isEmpty();

    // One is renamed, one is changed, one is gone and one is new.
    older.set(
        "matches",
        yaml.readTree(
            """
            - {name: new, pathRegex: /new}
            - {name: administrators, methods: [POST]}
            - {name: debug, pathRegex: /b}
            """));

    assertThat(Conversion.toStored(older).at("/spec/matches"))
        .isEqualTo(
            yaml.readTree(
                """
                - {name: new, pathRegex: /new}
                - {name: administrators, methods: [POST], headers: [{cookie: .*admin.*}]}
                - {name: debug, pathRegex: /b, headers: {x-debug: "1"}}
                """));
  }

  @Test
  void headersOfAMatchThatIsGoneAreNotGivenToAnother() throws Exception {
    ObjectNode older =
        Conversion.convert(
            group(
                """
                - {name: debug, pathRegex: /a, headers: {x-debug: "1"}}
                - {name: open, pathRegex: /a}
                """),
            SPECS + "v1alpha1");
    older.set("matches", yaml.readTree("[{name: open, pathRegex: /a}]"));

    ObjectNode stored = Conversion.toStored(older);

    assertThat(stored.at("/spec/matches"))
        .isEqualTo(yaml.readTree("[{name: open, pathRegex: /a}]"));
    assertThat(stored.at("/metadata/annotations").isMissingNode()).isTrue();
  }

  @Test
  void matchesOfASplitOutliveAClientThatDoesNotKnowThem() throws Exception {
    ObjectNode stored = split("v1alpha4", "100, 0");
    stored
        .withObject("/spec")
        .set(
            "matches",
            yaml.readTree("[{apiGroup: specs.smi-spec.io, kind: HTTPRouteGroup, name: firefox}]"));
    ObjectNode older = Conversion.convert(stored, SPLIT + "v1alpha2");
    weight(older, 0, 50);
    weight(older, 1, 50);

    ObjectNode back = Conversion.toStored(older);

    assertThat(back.at("/spec/matches")).isEqualTo(stored.at("/spec/matches"));
    assertThat(back.at("/spec/backends"))
        .isEqualTo(split("v1alpha4", "50, 50").at("/spec/backends"));
  }

  @Test
  void whatCannotBeReadIsRefusedByName() {
    ObjectNode split = split("v1alpha2", "1");
    Annotations.put(split, SplitWithoutMatches.ANNOTATION, "{");

    assertThatThrownBy(() -> Conversion.toStored(split))
        .isInstanceOf(ConversionException.class)
        .hasMessageStartingWith("metadata.annotations[heddle.dev/matches]: { (expected: JSON");
    assertThatThrownBy(() -> Conversion.convert(split, SPLIT + "v1"))
        .hasMessageContaining("desiredAPIVersion: split.smi-spec.io/v1");
    assertThatThrownBy(() -> Conversion.convert(split, SPECS + "v1alpha1"))
        .hasMessageContaining("a version of split.smi-spec.io");
    assertThatThrownBy(() -> Conversion.toStored(split.deepCopy().put("kind", "Pod")))
        .hasMessageContaining("Pod");
  }

  @Test
  void pathsAreThoseOfTheVersion() {
    assertThat(SmiKind.TRAFFIC_TARGET.path("v1alpha1", "spec.rules[1].kind"))
        .isEqualTo("specs[1].kind");
    assertThat(SmiKind.HTTP_ROUTE_GROUP.path("v1alpha2", "spec.matches[0]"))
        .isEqualTo("matches[0]");
    assertThat(SmiKind.HTTP_ROUTE_GROUP.path("v1alpha4", "spec.matches[0]"))
        .isEqualTo("spec.matches[0]");
  }

  /** Server-side apply converts what is left of an object when fields are taken out of it. */
  @ParameterizedTest
  @ValueSource(strings = {"{}", "{spec: null}", "{spec: {}}", "{metadata: {}}", "{matches: []}"})
  void halfAnObjectIsConverted(String fields) throws Exception {
    for (SmiKind kind : SmiKind.values()) {
      for (String from : kind.versions()) {
        for (String to : kind.versions()) {
          ObjectNode half = read(fields);
          half.put("apiVersion", kind.group() + "/" + from).put("kind", kind.kind());

          ObjectNode converted = Conversion.convert(half, kind.group() + "/" + to);

          assertThat(converted.path("kind").asText()).isEqualTo(kind.kind());
        }
      }
    }
  }

  private static void weight(ObjectNode split, int backend, int weight) {
    ((ObjectNode) split.at("/spec/backends/" + backend)).put("weight", weight);
  }

  private ObjectNode split(String version, String weights) {
    StringBuilder backends = new StringBuilder();
    int index = 0;
    for (String weight : weights.split(", ", -1)) {
      String quoted =
          version.equals("v1alpha1") && !weight.startsWith("'") ? "\"" + weight + "\"" : weight;
      backends.append("  - {service: web-v" + ++index + ", weight: " + quoted + "}\n");
    }
    return read(
        "apiVersion: split.smi-spec.io/"
            + version
            + "\nkind: TrafficSplit\nmetadata: {name: web}\nspec:\n  service: web\n  backends:\n"
            + backends);
  }

  private ObjectNode target(String version, @Nullable String port) {
    String destination =
        "destination: {kind: ServiceAccount, name: api" + (port == null ? "" : ", " + port) + "}\n";
    return read(
        "apiVersion: access.smi-spec.io/"
            + version
            + "\nkind: TrafficTarget\nmetadata: {name: api}\n"
            + (version.equals("v1alpha1") ? destination : "spec:\n  " + destination));
  }

  private ObjectNode group(String matches) {
    return read(
        "apiVersion: specs.smi-spec.io/v1alpha4\nkind: HTTPRouteGroup\nmetadata: {name: g}\nspec:\n  matches:\n"
            + matches.indent(2));
  }

  private ObjectNode read(String text) {
    try {
      return (ObjectNode) yaml.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  private static Map<String, String> annotations(ObjectNode object) {
    Map<String, String> annotations = new TreeMap<>();
    object
        .at("/metadata/annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));
    return annotations;
  }
}
