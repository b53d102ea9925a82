package dev.heddle.smiadapter.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.heddle.smiadapter.conversion.Conversion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and in which words. */
class ValidationTest {
  private final ObjectMapper yaml = new ObjectMapper(new YAMLFactory());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1alpha4 | [] | spec.backends: [] (expected: at least one backend)",
        "v1alpha4 | [{service: a, weight: -1}] | spec.backends[0].weight: -1 (expected: a whole number from 0 to 2147483647)",
        "v1alpha2 | [{service: a, weight: 0.5}] | spec.backends[0].weight: 0.5 (expected: a whole number from 0 to 2147483647)",
        "v1alpha1 | [{service: a, weight: '-1'}] | spec.backends[0].weight: -1 (expected: a whole number from 0 to 2147483647)",
        "v1alpha1 | [{service: a, weight: many}] | spec.backends[0].weight: many (expected: a whole number from 0 to 2147483647)",
        "v1alpha4 | [{service: '', weight: 1}] | spec.backends[0].service:  (expected: the name of a Service)",
      })
  void refusesASplit(String version, String backends, String mistake) throws Exception {
    assertThat(mistakes(split(version, backends))).containsExactly(mistake);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1alpha1 | [{service: a, weight: 500m}, {service: b, weight: 1}]",
        "v1alpha2 | [{service: a, weight: 0}, {service: b, weight: 0}]",
        "v1alpha4 | [{service: web, weight: 1}]",
      })
  void acceptsASplit(String version, String backends) throws Exception {
    assertThat(mistakes(split(version, backends))).isEmpty();
  }

  @Test
  void refusesATargetOutsideItsDestinationsNamespace() throws Exception {
    ObjectNode target =
        read(
            """
            apiVersion: access.smi-spec.io/v1alpha1
            kind: TrafficTarget
            metadata: {name: t, namespace: shop}
            destination: {kind: ServiceAccount, name: api, namespace: bank, port: 70000}
            sources: [{kind: Group, name: web, namespace: anywhere}]
            specs: [{kind: UDPRoute, name: dns}, {kind: Service, name: api}]
            """);

    assertThat(mistakes(target))
        .containsExactly(
            "destination.namespace: bank (expected: shop, the namespace of the TrafficTarget, or spec.foreignTrafficTargets: allowed of the MeshInstall)",
            "destination.port: 70000 (expected: a port from 1 to 65535)",
            "sources[0].kind: Group (expected: ServiceAccount)",
            "specs[1].kind: Service (expected: one of HTTPRouteGroup, TCPRoute, UDPRoute)");
    assertThat(
            Validation.judge(target, Optional.empty(), "shop", ForeignTargets.ALLOWED).mistakes())
        .hasSize(3);
  }

  @Test
  void refusesWhatIsNoExpression() throws Exception {
    assertThat(
            mistakes(
                group(
                    "v1alpha4",
                    """
                    - {name: a, pathRegex: "/items["}
                    - {name: b, headers: {x-debug: "(?=1)", "bad name": ".*"}}
                    - {name: c, headers: [{x-debug: "1", cookie: "2"}]}
                    - {name: d, headers: 5}
                    """)))
        .hasSize(5)
        .satisfiesExactly(
            text -> assertThat(text).startsWith("spec.matches[0].pathRegex: /items[ (expected: "),
            text -> assertThat(text).startsWith("spec.matches[1].headers[x-debug]: (?=1) "),
            text -> assertThat(text).startsWith("spec.matches[1].headers[bad name]: no header"),
            text -> assertThat(text).startsWith("spec.matches[2].headers[0]: "),
            text -> assertThat(text).startsWith("spec.matches[3].headers: 5 (expected: "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{900}){900}){900}){900})",
        "(a{1000}){1000}",
        "([a-z]{500}x{500}){999}",
      })
  void refusesWhatWouldCostAFortune(String expression) {
    assertThat(RegularExpressions.problem(expression)).contains("fewer repetitions");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*Firefox.*",
        "^(.*?;)?(type=insider)(;.*)?$",
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "/[]a]{2}\\{x\\}",
        "",
      })
  void acceptsExpressions(String expression) {
    assertThat(RegularExpressions.problem(expression)).isEmpty();
  }

  @Test
  void refusesToDropWhatTheVersionDoesNotShow() throws Exception {
    ObjectNode before =
        Conversion.convert(
            group("v1alpha4", "- {name: a, pathRegex: /a, headers: {x: y}}\n- {name: b}\n"),
            "specs.smi-spec.io/v1alpha1");
    ObjectNode kept = before.deepCopy();
    kept.withObject("/metadata").put("generation", 7);
    ObjectNode anew = before.deepCopy();
    anew.withObject("/metadata").remove("annotations");
    ObjectNode fewer = anew.deepCopy();
    fewer.set("matches", yaml.readTree("[{name: b}]"));

    assertThat(update(before, kept).mistakes()).isEmpty();
    assertThat(update(before, anew).mistakes())
        .extracting(Mistake::text)
        .singleElement()
        .asString()
        .startsWith("metadata.annotations[heddle.dev/headers]: missing (expected: as it was read");
    assertThat(update(before, fewer).mistakes()).isEmpty();
  }

  @Test
  void refusesWhatTheOldestVersionCouldNotShow() throws Exception {
    ObjectNode group = group("v1alpha4", "- {name: a}\n");
    ArrayNode matches = group.withObject("/spec").putArray("matches");
    for (int i = 0; i < 100; i++) {
      matches.addObject().put("name", "m" + i).putObject("headers").put("x", "y".repeat(3000));
    }

    assertThat(mistakes(group))
        .singleElement()
        .asString()
        .startsWith("metadata.annotations: ")
        .endsWith("with what v1alpha1 cannot hold otherwise (expected: at most 262144)");
  }

  @Test
  void refusesToDropPortsAndMatchesUnseen() throws Exception {
    ObjectNode route =
        Conversion.convert(
            read(
                "{apiVersion: specs.smi-spec.io/v1alpha4, kind: TCPRoute, metadata: {name: r}, spec: {matches: {ports: [80]}}}"),
            "specs.smi-spec.io/v1alpha2");
    ObjectNode split = split("v1alpha4", "[{service: a, weight: 1}]");
    split.withObject("/spec").set("matches", yaml.readTree("[{kind: HTTPRouteGroup, name: g}]"));
    for (ObjectNode before :
        List.of(route, Conversion.convert(split, "split.smi-spec.io/v1alpha1"))) {
      ObjectNode anew = before.deepCopy();
      anew.withObject("/metadata").remove("annotations");

      assertThat(update(before, anew).mistakes()).hasSize(1);
    }
    ObjectNode unconditional = split.deepCopy();
    unconditional.withObject("/spec").remove("matches");
    assertThat(update(split, unconditional).mistakes()).as("who sees them may drop them").isEmpty();
  }

  @Test
  void warnsWhoDropsAPort() throws Exception {
    ObjectNode before =
        Conversion.toStored(
            read(
                """
                apiVersion: access.smi-spec.io/v1alpha2
                kind: TrafficTarget
                metadata: {name: t}
                spec: {destination: {kind: ServiceAccount, name: api, port: 80}}
                """));
    ObjectNode after = before.deepCopy();
    after.withObject("/metadata").remove("annotations");

    Judgement judgement = update(before, after);

    assertThat(judgement.mistakes()).isEmpty();
    assertThat(judgement.warnings())
        .singleElement()
        .asString()
        .contains("heddle.dev/destination-port");
  }

  private static Judgement update(ObjectNode before, ObjectNode after) throws Exception {
    return Validation.judge(after, Optional.of(before), "shop", ForeignTargets.REFUSED);
  }

  private static List<String> mistakes(ObjectNode object) throws Exception {
    return Validation.judge(object, Optional.empty(), "shop", ForeignTargets.REFUSED)
        .mistakes()
        .stream()
        .map(Mistake::text)
        .toList();
  }

  private ObjectNode split(String version, String backends) {
    return read(
        "{apiVersion: split.smi-spec.io/%s, kind: TrafficSplit, metadata: {name: web}, spec: {service: web, backends: %s}}"
            .formatted(version, backends));
  }

  private ObjectNode group(String version, String matches) {
    return read(
        "apiVersion: specs.smi-spec.io/"
            + version
            + "\nkind: HTTPRouteGroup\nmetadata: {name: g}\nspec:\n  matches:\n"
            + matches.indent(2));
  }

  private ObjectNode read(String text) {
    try {
      return (ObjectNode) yaml.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }
}
