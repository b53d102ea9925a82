package dev.heddle.smiadapter.aggregated;

import dev.heddle.kubernetes.ObjectWatch;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.telemetry.MeshTraffic;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The API put together: its endpoint, and what it follows to know whom to believe. */
public final class MetricsApiProcess implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(MetricsApiProcess.class);
  private static final String NAMESPACE = "kube-system";
  private static final String AUTHENTICATION = "extension-apiserver-authentication";

  private final ObjectWatch<ConfigMap> watch;
  private final MetricsApiServer server;
  private volatile RequestHeaderSettings settings = RequestHeaderSettings.NONE;

  /**
   * Serves from now on; until the API server has told how it proves itself, nobody is believed.
   *
   * @param port 0 for any free one
   * @param key what it proves itself with
   * @param state what the mesh knows now
   * @throws IOException if the port cannot be bound
   */
  public MetricsApiProcess(
      int port,
      X509KeyManager key,
      KubernetesClient client,
      Supplier<MeshState> state,
      MeshTraffic traffic,
      MeterRegistry registry)
      throws IOException {
    MetricsApi api =
        new MetricsApi(
            new RequestHeaderAuthentication(() -> settings),
            new ReviewedAuthorization(
                review -> client.authorization().v1().subjectAccessReview().create(review),
                System::nanoTime),
            state,
            new ClusterObjects(client),
            traffic);
    this.server = MetricsApiServer.start(port, key, api, registry);
    this.watch =
        ObjectWatch.start(
            client.configMaps().inNamespace(NAMESPACE).withName(AUTHENTICATION),
            "ConfigMap " + NAMESPACE + "/" + AUTHENTICATION,
            this::changed);
  }

  private void changed(ConfigMap object) {
    try {
      settings =
          RequestHeaderSettings.parse(Objects.requireNonNullElse(object.getData(), Map.of()));
      LOGGER.info("Believing the API server's proxy by {} authorities", settings.anchors().size());
    } catch (IllegalArgumentException e) {
      LOGGER.error(
          "ConfigMap {}/{} is not used; what was read before stays in use: {}",
          NAMESPACE,
          AUTHENTICATION,
          e.getMessage());
    }
  }

  /** The port it serves on. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    watch.close();
    server.close();
  }
}
