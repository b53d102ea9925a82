package dev.heddle.smiadapter.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeshConfigurationParserTest {
  private static final String GOOD = "trustDomain: a.b\nproxy:\n  image: heddle-proxy:1\n";

  private final MeshConfigurationParser parser = new MeshConfigurationParser();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          concurrency: 0          | proxy.concurrency: 0 (expected: a whole number from 1 to 64)
          concurrency: many       | proxy.concurrency: "many" (expected: a whole number from 1 to 64)
          imagePullPolicy: often  | proxy.imagePullPolicy: "often" (expected: one of IfNotPresent, Always, Never)
          accessLog: xml          | proxy.accessLog: "xml" (expected: one of off, json)
          skipInboundPorts: 80    | proxy.skipInboundPorts: 80 (expected: a list of ports and ranges a-b)
          skipInboundPorts: [0]   | proxy.skipInboundPorts[0]: 0-0 (expected: a port or a range a-b, from 1 to 65535)
          skipOutboundPorts: [x]  | proxy.skipOutboundPorts[0]: x (expected: a port or a range a-b, from 1 to 65535)
          resources: {limits: {memory: lots}} | proxy.resources.limits.memory: "lots" (expected: a quantity such as 50m or 64Mi)
          """)
  void namesTheField(String line, String message) {
    assertThatThrownBy(() -> parser.parse(GOOD + "  " + line + "\n")).hasMessage(message);
  }

  @Test
  void namesWhatIsMissing() {
    assertThatThrownBy(() -> parser.parse("trustDomain: a.b\n"))
        .hasMessage("proxy.image: missing (expected: a text)");
    assertThatThrownBy(() -> parser.parse("")).hasMessageStartingWith("mesh.yaml: empty");
  }

  @Test
  void readsABareOffAndTheWordAlike() throws Exception {
    assertThat(parser.parse(GOOD + "  accessLog: off\n").proxy().accessLog()).isEqualTo("off");
    assertThat(parser.parse(GOOD + "  accessLog: \"off\"\n").proxy().accessLog()).isEqualTo("off");
  }

  @Test
  void readsTheWindowOfMetrics() throws Exception {
    assertThat(parser.parse(GOOD).metricsWindow()).hasSeconds(30);
    assertThat(parser.parse(GOOD + "metricsWindow: PT10M\n").metricsWindow()).hasMinutes(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT4S", "PT11M", "30s", "-PT30S"})
  void refusesAnyOtherWindow(String window) {
    assertThatThrownBy(() -> parser.parse(GOOD + "metricsWindow: " + window + "\n"))
        .hasMessage(
            "metricsWindow: \""
                + window
                + "\" (expected: an ISO-8601 duration from PT5S to PT10M)");
  }

  @Test
  void aBadTextKeepsTheLastGoodOne() {
    LatestConfiguration latest = new LatestConfiguration();
    latest.accept(GOOD);
    latest.accept("nonsense: [");

    assertThat(latest.get().orElseThrow().trustDomain()).isEqualTo("a.b");
    assertThat(latest.problem()).isPresent();
    latest.accept(GOOD);
    assertThat(latest.problem()).isEmpty();
  }
}
