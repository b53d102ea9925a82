package dev.heddle.dataplane.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.TerminalFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BootstrapReaderTest {

  private static final Path VALID = Path.of("src/test/resources/bootstrap/valid.yaml");

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
    StandaloneConfiguration read =
        BootstrapReader.read(
            file(
                """
                {"node": {"id": "edge"},
                 "dynamic_resources": {
                   "ads_config": {"api_type": "DELTA_GRPC", "grpc_services": [{"envoy_grpc": {"cluster_name": "xds"}}]},
                   "lds_config": {"ads": {}}, "cds_config": {"ads": {}}},
                 "static_resources": {"clusters": [{"name": "xds", "type": "STRICT_DNS", "load_assignment":
                   {"cluster_name": "xds", "endpoints": [{"lb_endpoints": [{"endpoint":
                     {"address": {"socket_address": {"address": "xds.example", "port_value": 15010}}}}]}]}}]}}
                """));

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
        "lb_policy: LEAST_REQUEST|lb_policy: MAGLEV|static_resources.clusters[0].lb_policy: MAGLEV (expected: LEAST_REQUEST or ROUND_ROBIN)",
        "lb_policy: LEAST_REQUEST|lb_policy: BEST|static_resources.clusters[0].lb_policy: \"BEST\"",
        "connect_timeout: 1s|connect_timeout: soon|static_resources.clusters[0].connect_timeout: \"soon\"",
        "cluster: upstream|cluster: elsewhere|(expected: one of static_resources.clusters: [upstream])",
        "address: 127.0.0.1, port_value: 9901|address: 0.0.0.0, port_value: 9901|admin.address.socket_address.address: 0.0.0.0 (expected: a loopback address",
        "node: {id: edge}|tracing: {}|tracing: set (expected: not set",
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
