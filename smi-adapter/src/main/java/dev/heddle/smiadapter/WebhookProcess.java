package dev.heddle.smiadapter;

import dev.heddle.kubernetes.ObjectWatch;
import dev.heddle.smiadapter.injection.InjectionReviews;
import dev.heddle.smiadapter.injection.InjectionSettings;
import dev.heddle.smiadapter.kubernetes.NamespaceWatch;
import dev.heddle.smiadapter.reviews.ConversionReviews;
import dev.heddle.smiadapter.reviews.ValidationReviews;
import dev.heddle.smiadapter.settings.LatestConfiguration;
import dev.heddle.smiadapter.settings.MeshConfiguration;
import dev.heddle.smiadapter.validation.ForeignTargets;
import dev.heddle.smiadapter.webhook.WebhookServer;
import dev.heddle.smiadapter.xds.XdsServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The webhooks of the adapter: what they watch, and the endpoint that the API server asks. */
final class WebhookProcess implements AutoCloseable {
  private final AdapterSettings settings;
  private final LatestConfiguration configuration = new LatestConfiguration();
  private final NamespaceWatch namespaces;
  private final ObjectWatch<ConfigMap> configurationWatch;
  private final ObjectWatch<ConfigMap> trustAnchorsWatch;
  private final WebhookServer server;
  private volatile @Nullable String trustAnchors;

  /**
   * Binds the port, and begins to watch in the background.
   *
   * @throws IOException if the port cannot be bound
   */
  WebhookProcess(AdapterSettings settings, KubernetesClient client, MeterRegistry registry)
      throws IOException {
    this.settings = settings;
    this.namespaces = new NamespaceWatch(client);
    this.configurationWatch = follow(client, "heddle-mesh", "mesh.yaml", configuration::accept);
    this.trustAnchorsWatch =
        follow(client, "heddle-trust-anchors", "trust-anchors.pem", pem -> trustAnchors = pem);
    this.server =
        WebhookServer.start(
            settings.webhookPort(),
            settings.webhookCertificateDirectory(),
            Map.of(
                "/inject",
                new InjectionReviews(
                    settings.meshNamespace(), namespaces, this::injectionSettings, registry),
                "/convert",
                new ConversionReviews(registry),
                "/validate",
                new ValidationReviews(this::foreignTargets, registry)));
    namespaces.start();
  }

  private ObjectWatch<ConfigMap> follow(
      KubernetesClient client, String name, String key, Consumer<String> changed) {
    return ObjectWatch.start(
        client.configMaps().inNamespace(settings.meshNamespace()).withName(name),
        "ConfigMap " + name,
        object -> {
          String text = object.getData() == null ? null : object.getData().get(key);
          if (text != null) {
            changed.accept(text);
          }
        });
  }

  /** Why pods cannot be injected yet; empty if they can. */
  Optional<String> missing() {
    if (!namespaces.synced()) {
      return Optional.of("namespaces are not yet listed");
    }
    if (configuration.get().isEmpty()) {
      return Optional.of(
          configuration.problem().orElse("ConfigMap heddle-mesh has no mesh.yaml yet"));
    }
    if (trustAnchors == null) {
      return Optional.of("ConfigMap heddle-trust-anchors has no trust-anchors.pem yet");
    }
    return server.missing();
  }

  /** The span of time that traffic metrics are about. */
  Duration metricsWindow() {
    return configuration
        .get()
        .map(MeshConfiguration::metricsWindow)
        .orElse(MeshConfiguration.DEFAULT_METRICS_WINDOW);
  }

  @Override
  public void close() {
    server.close();
    trustAnchorsWatch.close();
    configurationWatch.close();
    namespaces.close();
  }

  /** Until it is known, nothing is refused that may be allowed. */
  private ForeignTargets foreignTargets() {
    return configuration
        .get()
        .filter(mesh -> !mesh.foreignTrafficTargets())
        .map(mesh -> ForeignTargets.REFUSED)
        .orElse(ForeignTargets.ALLOWED);
  }

  private Optional<InjectionSettings> injectionSettings() {
    String anchors = trustAnchors;
    if (anchors == null) {
      return Optional.empty();
    }
    return configuration
        .get()
        .map(mesh ->
            new InjectionSettings(
                settings.meshNamespace(),
                mesh.trustDomain(),
                "heddle-smi-adapter." + settings.meshNamespace() + ".svc:" + XdsServer.PORT,
                settings.certificateAuthorityAddress(),
                anchors,
                mesh.proxy()));
  }
}
