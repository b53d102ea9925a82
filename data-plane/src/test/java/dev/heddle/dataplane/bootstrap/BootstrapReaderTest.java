package dev.heddle.dataplane.bootstrap;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.TerminalFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BootstrapReaderTest {

  private static final Path VALID = Path.of("src/test/resources/bootstrap/valid.yaml");

  private static final String DYNAMIC =
      """
      {"node": {"id": "edge"},
       "dynamic_resources": {
         "ads_config": {"api_type": "DELTA_GRPC", "grpc_services": [{"envoy_grpc": {"cluster_name": "xds"}}]},
         "lds_config": {"ads": {}}, "cds_config": {"ads": {}}},
       "static_resources": {"clusters": [{"name": "xds", "type": "STRICT_DNS", "load_assignment":
         {"cluster_name": "xds", "endpoints": [{"lb_endpoints": [{"endpoint":
           {"address": {"socket_address": {"address": "xds.example", "port_value": 15010}}}}]}]}}]}}
      """;

  @TempDir private Path directory;

  @Test
  void readsListenersClustersAndAdmin() throws Exception {
    StandaloneConfiguration read = BootstrapReader.read(VALID);

    assertThat(read.resources().listeners()).containsOnlyKeys("web", "bytes");
    assertThat(read.resources().clusters().get("upstream"))
        .isNotNull()
        .extracting(Cluster::discovery)
        .isEqualTo(Cluster.Discovery.DNS);
    assertThat(read.resources().listeners().get("web"))
        .isNotNull()
        .satisfies(listener ->
            assertThat(listener.filterChains().getFirst().terminalFilter())
                .isInstanceOf(TerminalFilter.HttpConnectionManager.class));
    assertThat(read.admin()).isNotNull().hasToString("/127.0.0.1:9901");
    assertThat(read.controlPlane()).isNull();
  }

  @Test
  void readsAnAggregatedStream() throws Exception {
    StandaloneConfiguration read = BootstrapReader.read(file(DYNAMIC));

    StandaloneConfiguration.ControlPlane controlPlane = read.controlPlane();
    assertThat(controlPlane).isNotNull();
    assertThat(controlPlane.address().getHostString()).isEqualTo("xds.example");
    assertThat(controlPlane.node().getId()).isEqualTo("edge");
    assertThat(controlPlane.tls()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "port_value: 10080|port_value: many|static_resources.listeners[0].address.socket_address.port_value: \"many\"",
        "port_value: 10080|port: 10080|static_resources.listeners[0].address.socket_address.port: no such field in envoy.config.core.v3.SocketAddress",
        "tcp_proxy.v3.TcpProxy|tcp_proxy.v9.TcpProxy|static_resources.listeners[1].filter_chains[0].filters[0].typed_config.@type: \"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v9.TcpProxy\" (expected: a type that this proxy supports)",
        "stat_prefix: web|stat_prefiks: web|static_resources.listeners[0].filter_chains[0].filters[0].typed_config.stat_prefiks: no such field",
        "lb_policy: LEAST_REQUEST|lb_policy: CLUSTER_PROVIDED|static_resources.clusters[0].lb_policy: CLUSTER_PROVIDED (expected: another policy for type STRICT_DNS)",
        "lb_policy: LEAST_REQUEST|lb_policy: BEST|static_resources.clusters[0].lb_policy: \"BEST\"",
        "connect_timeout: 1s|connect_timeout: soon|static_resources.clusters[0].connect_timeout: \"soon\"",
        "cluster: upstream|cluster: elsewhere|(expected: one of static_resources.clusters: [upstream])",
        "address: 127.0.0.1, port_value: 9901|address: localhost, port_value: 9901|admin.address.socket_address.address: localhost (expected: an IP address",
        "admin: {|admin: {access_log_path: /dev/null, |admin.access_log_path: /dev/null (expected: not set",
        "domains: [\"*\"]|domains: all|virtual_hosts[0].domains: \"all\" (expected: a list)",
        "connect_timeout: 1s|connect_timeout: 10:30|static_resources.clusters[0].connect_timeout: \"10:30\"",
        "connect_timeout: 1s|name: again|line 38, column 7: found duplicate key name",
        "node: {id: edge}|tracing: {}|tracing:  (expected: not set",
        "node: {id: edge}|node: [}|line 1, column ",
      })
  void namesWhatIsWrong(String good, String bad, String message) throws IOException {
    String text = Files.readString(VALID);
    assertThat(text).contains(good);

    assertThatThrownBy(() -> BootstrapReader.read(file(text.replace(good, bad))))
        .isInstanceOf(InvalidBootstrapException.class)
        .message()
        .startsWith(directory.resolve("bootstrap.yaml") + ": ")
        .contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"lds_config\": {\"ads\": {}}, |` `|dynamic_resources.lds_config: not set (expected: {ads: {}})",
        "DELTA_GRPC|GRPC|ads_config.api_type: GRPC (expected: DELTA_GRPC)",
        "cluster_name\": \"xds\"}}]}|cluster_name\": \"xds\"}, \"initial_metadata\": [{\"key\": \"a\"}]}]}|ads_config.grpc_services[0].initial_metadata: [key: \"a\"] (expected: not set",
        "\"cluster_name\": \"xds\"}}]}|\"cluster_name\": \"yds\"}}]}|ads_config.grpc_services[0].envoy_grpc.cluster_name: \"yds\" (expected: one of static_resources.clusters: [xds])",
        "\"cds_config\": {\"ads\": {}}|\"cds_config\": {\"self\": {}}|cds_config.self:",
        "\"id\": \"edge\"|\"cluster\": \"edge\"|node.id: \"\" (expected: the name of this proxy)",
      })
  void namesWhatIsWrongInDynamicResources(String good, String bad, String message) {
    assertThat(DYNAMIC).contains(good);

    assertThatThrownBy(() -> BootstrapReader.read(file(DYNAMIC.replace(good, bad))))
        .isInstanceOf(InvalidBootstrapException.class)
        .hasMessageContaining(message);
  }

  @Test
  void resolvesAnchorsAndMergeKeys() throws Exception {
    String text =
        Files.readString(VALID)
            .replace("- name: upstream\n", "- <<: *defaults\n      name: upstream\n")
            .replace("      connect_timeout: 1s\n", "")
            .replace(
                "node: {id: edge}", "node: {id: edge, metadata: &defaults {connect_timeout: 7s}}");

    assertThat(BootstrapReader.read(file(text)).resources().clusters().get("upstream"))
        .isNotNull()
        .extracting(Cluster::connectTimeout)
        .isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void boundsWhatAliasesMakeOfAShortFile() throws IOException {
    StringBuilder text = new StringBuilder("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i < 8; i++) {
      String alias = "*a" + (i - 1);
      text.append("a%d: &a%d [%s]%n".formatted(i, i, String.join(", ", nCopies(10, alias))));
    }
    Path file = file(text.toString());
    Path endless = Files.writeString(directory.resolve("endless.yaml"), "node: &node {id: *node}");

    assertThatThrownBy(() -> BootstrapReader.read(file)).hasMessageContaining("too large with its");
    assertThatThrownBy(() -> BootstrapReader.read(endless)).hasMessageContaining("too large with");
  }

  @Test
  void saysThatAFileIsMissingOrEmpty() throws IOException {
    assertThatThrownBy(() -> BootstrapReader.read(directory.resolve("none.yaml")))
        .hasMessage(directory.resolve("none.yaml") + ": no such file");
    assertThatThrownBy(() -> BootstrapReader.read(file("")))
        .hasMessageContaining("the file is empty (expected: an Envoy bootstrap)");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("bootstrap.yaml"), text);
  }
}
