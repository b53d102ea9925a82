package dev.heddle.e2e.cluster;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes what can be known of a cluster into a folder: logs of all containers, Events, objects, and
 * the configuration and metrics of every proxy. What cannot be had is replaced by the reason, so
 * that one broken pod does not hide the others.
 */
final class ClusterDump {

  private static final String PROXY = "heddle-proxy";
  private static final int ADMIN_PORT = 15000;
  private static final int HEALTH_PORT = 15020;
  private static final int LOG_LINES_LIMIT = 20_000;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /** Secrets are left out on purpose. */
  private static final List<ResourceDefinitionContext> KINDS =
      List.of(
          kind("", "v1", "Namespace", "namespaces", false),
          kind("", "v1", "Node", "nodes", false),
          kind("", "v1", "Pod", "pods", true),
          kind("", "v1", "Service", "services", true),
          kind("", "v1", "ConfigMap", "configmaps", true),
          kind("", "v1", "ServiceAccount", "serviceaccounts", true),
          kind("apps", "v1", "Deployment", "deployments", true),
          kind("apps", "v1", "ReplicaSet", "replicasets", true),
          kind("apps", "v1", "StatefulSet", "statefulsets", true),
          kind("batch", "v1", "Job", "jobs", true),
          kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true),
          kind("coordination.k8s.io", "v1", "Lease", "leases", true),
          kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true),
          kind(
              "admissionregistration.k8s.io",
              "v1",
              "MutatingWebhookConfiguration",
              "mutatingwebhookconfigurations",
              false),
          kind("heddle.dev", "v1alpha1", "MeshInstall", "meshinstalls", false),
          kind("split.smi-spec.io", "v1alpha4", "TrafficSplit", "trafficsplits", true),
          kind("access.smi-spec.io", "v1alpha3", "TrafficTarget", "traffictargets", true),
          kind("specs.smi-spec.io", "v1alpha4", "HTTPRouteGroup", "httproutegroups", true),
          kind("specs.smi-spec.io", "v1alpha4", "TCPRoute", "tcproutes", true),
          kind("specs.smi-spec.io", "v1alpha4", "UDPRoute", "udproutes", true));

  private final KubernetesClient client;
  private final Path folder;

  ClusterDump(KubernetesClient client, Path folder) {
    this.client = client;
    this.folder = folder;
  }

  /** Writes everything; {@code description} says which cluster it was. */
  void write(String description, Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace, true));
    save("failure.txt", () -> description + "\n\n" + trace);
    save("events.txt", this::events);
    for (ResourceDefinitionContext kind : KINDS) {
      save("objects/" + kind.getPlural() + ".yaml", () -> objects(kind));
    }
    for (Pod pod : pods()) {
      writePod(pod);
    }
  }

  private List<Pod> pods() {
    try {
      return client.pods().inAnyNamespace().list().getItems();
    } catch (KubernetesClientException e) {
      save("pods-unknown.txt", () -> String.valueOf(e));
      return List.of();
    }
  }

  private void writePod(Pod pod) {
    String base = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName() + "/";
    for (ContainerStatus container : containers(pod)) {
      String name = container.getName();
      save(base + name + ".log", () -> log(pod, name, false));
      if (container.getRestartCount() > 0) {
        save(base + name + ".previous.log", () -> log(pod, name, true));
      }
      if (name.equals(PROXY) && container.getState().getRunning() != null) {
        save(base + "proxy-configuration.json", () -> get(pod, ADMIN_PORT, "/config"));
        save(base + "proxy-metrics.txt", () -> get(pod, HEALTH_PORT, "/metrics"));
      }
    }
  }

  private static List<ContainerStatus> containers(Pod pod) {
    return Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream())
        .toList();
  }

  private String log(Pod pod, String container, boolean previous) {
    var log =
        client
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .inContainer(container);
    return previous
        ? log.terminated().tailingLines(LOG_LINES_LIMIT).getLog()
        : log.tailingLines(LOG_LINES_LIMIT).getLog();
  }

  private String get(Pod pod, int port, String path) throws IOException, InterruptedException {
    try (LocalPortForward forward =
            client
                .pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .portForward(port);
        HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + forward.getLocalPort() + path))
              .timeout(ANSWER_LIMIT)
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200
          ? response.body()
          : path + ": " + response.statusCode() + "\n" + response.body();
    }
  }

  private String events() {
    StringBuilder lines = new StringBuilder();
    client.v1().events().inAnyNamespace().list().getItems().stream()
        .sorted(Comparator.comparing(ClusterDump::time))
        .map(ClusterDump::line)
        .forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }

  private static String time(Event event) {
    if (event.getLastTimestamp() != null) {
      return event.getLastTimestamp();
    }
    return event.getEventTime() == null
        ? event.getMetadata().getCreationTimestamp()
        : event.getEventTime().getTime();
  }

  private static String line(Event event) {
    return String.join(
        "  ",
        time(event),
        event.getType(),
        event.getInvolvedObject().getKind()
            + " "
            + event.getMetadata().getNamespace()
            + "/"
            + event.getInvolvedObject().getName(),
        event.getReason() + ":",
        String.valueOf(event.getMessage()));
  }

  private String objects(ResourceDefinitionContext kind) {
    List<GenericKubernetesResource> found =
        kind.isNamespaceScoped()
            ? client.genericKubernetesResources(kind).inAnyNamespace().list().getItems()
            : client.genericKubernetesResources(kind).list().getItems();
    StringBuilder yaml = new StringBuilder();
    for (HasMetadata object : found) {
      object.getMetadata().setManagedFields(List.of());
      yaml.append(Serialization.asYaml(object));
    }
    return yaml.toString();
  }

  private void save(String name, Content content) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text(content));
    } catch (IOException e) {
      throw new ClusterException(folder + ": " + e.getMessage(), e);
    }
  }

  private static String text(Content content) {
    try {
      return content.get();
    } catch (IOException | KubernetesClientException | IllegalStateException e) {
      return "not to be had: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "not to be had: " + e;
    }
  }

  private static ResourceDefinitionContext kind(
      String group, String version, String kind, String plural, boolean namespaced) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(namespaced)
        .build();
  }

  /** What goes into one file, or the reason why it cannot be had. */
  private interface Content {
    String get() throws IOException, InterruptedException;
  }
}
