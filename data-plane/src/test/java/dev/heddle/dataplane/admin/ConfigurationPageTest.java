package dev.heddle.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.xds.ControlPlaneStatus;
import dev.heddle.dataplane.xds.ControlPlaneStatus.TypeStatus;
import dev.heddle.dataplane.xds.ResourceType;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.dataplane.xds.translation.YamlResources;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page for what a control plane sends for a 90/10 split. */
final class ConfigurationPageTest {

  private static final Path SPLIT = Path.of("src/test/resources/admin/split-90-10");
  private static final Path EXPECTED = SPLIT.resolve("out-page.json");

  @Test
  void showsListenersRoutesClustersAndWhatIsWrong() throws Exception {
    ControlPlaneStatus status =
        new ControlPlaneStatus(
            ControlPlaneStatus.Connection.DISCONNECTED,
            Instant.EPOCH,
            "UNAVAILABLE: io exception",
            Instant.EPOCH,
            Map.of(ResourceType.CLUSTER, new TypeStatus(3, 2, Map.of("c", "lb_policy: MAGLEV"))),
            Map.of("outbound/10.0.0.1:80", "endpoints outbound/shop/web:80"));

    String page = ConfigurationPage.render("1234", null, status, configuration());

    if (System.getenv("HEDDLE_WRITE_GOLDEN_FILES") != null) {
      Files.writeString(EXPECTED, page);
    }
    assertThat(page).isEqualTo(Files.readString(EXPECTED));
  }

  private static ProxyConfiguration configuration() throws Exception {
    ResourceTranslator translator = new ResourceTranslator(SecretSource.WORKLOAD);
    Map<String, Listener> listeners = new HashMap<>();
    Map<String, RouteConfiguration> routes = new HashMap<>();
    Map<String, Cluster> clusters = new HashMap<>();
    Map<String, EndpointAssignment> endpoints = new HashMap<>();
    for (Any any : YamlResources.all(Files.readString(SPLIT.resolve("in-listeners.yaml")))) {
      String name = any.unpack(io.envoyproxy.envoy.config.listener.v3.Listener.class).getName();
      listeners.put(name, translator.listener(name, any));
    }
    for (Any any : YamlResources.all(Files.readString(SPLIT.resolve("in-routes.yaml")))) {
      String name =
          any.unpack(io.envoyproxy.envoy.config.route.v3.RouteConfiguration.class).getName();
      routes.put(name, translator.routes(name, any));
    }
    for (Any any : YamlResources.all(Files.readString(SPLIT.resolve("in-clusters.yaml")))) {
      String name = any.unpack(io.envoyproxy.envoy.config.cluster.v3.Cluster.class).getName();
      clusters.put(name, translator.cluster(name, any).cluster());
    }
    for (Any any : YamlResources.all(Files.readString(SPLIT.resolve("in-endpoints.yaml")))) {
      String name = any.unpack(ClusterLoadAssignment.class).getClusterName();
      endpoints.put(name, translator.endpoints(name, any));
    }
    return new ProxyConfiguration(7, listeners, routes, clusters, endpoints);
  }
}
