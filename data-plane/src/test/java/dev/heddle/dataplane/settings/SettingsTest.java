package dev.heddle.dataplane.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.meshapi.process.Environment;
import dev.heddle.meshapi.process.InvalidSettingException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {

  @Test
  void processDefaultsAreThoseOfThePod() {
    ProcessSettings settings = ProcessSettings.from(new Environment(Map.of()), null);

    assertThat(settings.concurrency()).isEqualTo(1);
    assertThat(settings.accessLog()).isFalse();
    assertThat(settings.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.healthPort()).isEqualTo(15020);
    assertThat(settings.admin()).isNotNull();
    assertThat(settings.admin().getAddress().isLoopbackAddress()).isTrue();
    assertThat(settings.admin().getPort()).isEqualTo(15000);
  }

  @Test
  void theCommandLineWinsOverTheEnvironment() {
    Environment environment = new Environment(Map.of("HEDDLE_CONCURRENCY", "2"));

    assertThat(ProcessSettings.from(environment, null).concurrency()).isEqualTo(2);
    assertThat(ProcessSettings.from(environment, 4).concurrency()).isEqualTo(4);
    assertThatThrownBy(() -> ProcessSettings.from(environment, 0))
        .hasMessage("concurrency: 0 (expected: 1 to 64)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HEDDLE_POD_NAME||HEDDLE_POD_NAME: not set (expected: the name of this pod)",
        "HEDDLE_POD_IP|pod|HEDDLE_POD_IP: pod (expected: an IP address)",
        "HEDDLE_POD_NAMESPACE|Shop|expected: the parts of a SPIFFE id: namespace: Shop (expected: an RFC 1123 label)",
        "HEDDLE_XDS_ADDRESS|adapter|HEDDLE_XDS_ADDRESS: adapter (expected: host:port with a port from 1 to 65535)",
        "HEDDLE_CA_ADDRESS|ca:0|HEDDLE_CA_ADDRESS: ca:0 (expected: host:port",
        "HEDDLE_CA_ADDRESS|fd00::1:99|HEDDLE_CA_ADDRESS: fd00::1:99 (expected: host:port",
        "HEDDLE_TRUST_ANCHORS|none|HEDDLE_TRUST_ANCHORS: no certificate (expected: the mesh's trust anchors as PEM)",
        "HEDDLE_MESH_NAMESPACE|a b|HEDDLE_MESH_NAMESPACE: a b (expected: a namespace)",
      })
  void namesTheVariableThatIsWrong(String name, String value, String message) {
    Map<String, String> variables = new HashMap<>(pod());
    if (value == null) {
      variables.remove(name);
    } else {
      variables.put(name, value);
    }

    assertThatThrownBy(() -> SidecarSettings.from(new Environment(variables)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(message);
  }

  private static Map<String, String> pod() {
    return Map.of(
        "HEDDLE_POD_NAME", "web-1",
        "HEDDLE_POD_NAMESPACE", "shop",
        "HEDDLE_POD_IP", "10.0.0.7",
        "HEDDLE_SERVICE_ACCOUNT", "web",
        "HEDDLE_TRUST_DOMAIN", "cluster.local",
        "HEDDLE_TRUST_ANCHORS", "none");
  }
}
