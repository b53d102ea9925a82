package dev.heddle.smiadapter.injection;

import dev.heddle.smiadapter.settings.ProxySettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is put into a pod. All of it passes the {@code restricted} Pod Security level but for
 * NET_ADMIN of the init container.
 */
final class ProxyContainers {
  static final String INIT = "heddle-init";
  static final String PROXY = "heddle-proxy";
  static final String IDENTITY_VOLUME = "heddle-identity";
  static final String STATE_VOLUME = "heddle-state";

  private static final String IDENTITY_DIRECTORY = "/var/run/secrets/heddle.dev/identity";
  private static final String TOKEN = "token";
  private static final String STATE_DIRECTORY = "/var/lib/heddle";
  private static final long TOKEN_SECONDS = 3600;
  private static final String AUDIENCE = "heddle-ca";
  private static final Quantity STATE_SIZE = new Quantity("32Mi");

  private ProxyContainers() {}

  /** Sets the redirect, then ends. */
  static Container init(ProxySettings proxy) {
    return new ContainerBuilder()
        .withName(INIT)
        .withImage(proxy.image())
        .withImagePullPolicy(proxy.imagePullPolicy())
        .withCommand("/usr/sbin/nft")
        .withArgs(RedirectRules.of(proxy.skipInboundPorts(), proxy.skipOutboundPorts()))
        .withResources(
            new ResourceRequirementsBuilder()
                .withRequests(
                    new TreeMap<>(
                        Map.of("cpu", new Quantity("10m"), "memory", new Quantity("16Mi"))))
                .withLimits(Map.of("memory", new Quantity("64Mi")))
                .build())
        .withSecurityContext(
            securityContext().editCapabilities().withAdd("NET_ADMIN").endCapabilities().build())
        .build();
  }

  /** The proxy as a native sidecar: runs before everything else in the pod, and ends after it. */
  static Container proxy(InjectionSettings settings, ProxySettings proxy, ObjectMeta pod) {
    return new ContainerBuilder()
        .withName(PROXY)
        .withImage(proxy.image())
        .withImagePullPolicy(proxy.imagePullPolicy())
        .withRestartPolicy("Always")
        .withEnv(environment(settings, proxy, pod))
        .withResources(
            new ResourceRequirementsBuilder()
                .withRequests(new TreeMap<>(proxy.requests()))
                .withLimits(new TreeMap<>(proxy.limits()))
                .build())
        .withSecurityContext(securityContext().build())
        // Five minutes for the first certificate and configuration; the pod's own containers wait
        // for it.
        .withStartupProbe(probe("/readyz", 1, 300))
        .withReadinessProbe(probe("/readyz", 5, 3))
        .withLivenessProbe(probe("/livez", 10, 3))
        .addNewVolumeMount()
        .withName(IDENTITY_VOLUME)
        .withMountPath(IDENTITY_DIRECTORY)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(STATE_VOLUME)
        .withMountPath(STATE_DIRECTORY)
        .endVolumeMount()
        .build();
  }

  static List<Volume> volumes() {
    return List.of(
        new VolumeBuilder()
            .withName(IDENTITY_VOLUME)
            .withNewProjected()
            .addNewSource()
            .withNewServiceAccountToken()
            .withAudience(AUDIENCE)
            .withExpirationSeconds(TOKEN_SECONDS)
            .withPath(TOKEN)
            .endServiceAccountToken()
            .endSource()
            .endProjected()
            .build(),
        new VolumeBuilder()
            .withName(STATE_VOLUME)
            .withNewEmptyDir()
            .withMedium("Memory")
            .withSizeLimit(STATE_SIZE)
            .endEmptyDir()
            .build());
  }

  private static List<EnvVar> environment(
      InjectionSettings settings, ProxySettings proxy, ObjectMeta pod) {
    Map<String, String> labels = pod.getLabels() == null ? Map.of() : pod.getLabels();
    Optional<WorkloadOwner> owner = WorkloadOwner.of(pod);
    List<EnvVar> environment = new ArrayList<>();
    environment.add(field("HEDDLE_POD_NAME", "metadata.name"));
    environment.add(field("HEDDLE_POD_NAMESPACE", "metadata.namespace"));
    environment.add(field("HEDDLE_POD_IP", "status.podIP"));
    environment.add(field("HEDDLE_SERVICE_ACCOUNT", "spec.serviceAccountName"));
    // The name of a pod on its own may not be known yet here.
    environment.add(
        owner
            .map(known -> value("HEDDLE_WORKLOAD", known.name()))
            .orElseGet(() -> field("HEDDLE_WORKLOAD", "metadata.name")));
    environment.add(value("HEDDLE_WORKLOAD_KIND", owner.map(WorkloadOwner::kind).orElse("Pod")));
    environment.add(value("HEDDLE_APP", first(labels, "app.kubernetes.io/name", "app")));
    environment.add(value("HEDDLE_VERSION", first(labels, "app.kubernetes.io/version", "version")));
    environment.add(value("HEDDLE_MESH_NAMESPACE", settings.meshNamespace()));
    environment.add(value("HEDDLE_TRUST_DOMAIN", settings.trustDomain()));
    environment.add(value("HEDDLE_XDS_ADDRESS", settings.xdsAddress()));
    environment.add(value("HEDDLE_CA_ADDRESS", settings.certificateAuthorityAddress()));
    environment.add(value("HEDDLE_TRUST_ANCHORS", settings.trustAnchors()));
    environment.add(value("HEDDLE_TOKEN_FILE", IDENTITY_DIRECTORY + "/" + TOKEN));
    environment.add(value("HEDDLE_STATE_DIRECTORY", STATE_DIRECTORY));
    environment.add(value("HEDDLE_CONCURRENCY", String.valueOf(proxy.concurrency())));
    environment.add(value("HEDDLE_ACCESS_LOG", proxy.accessLog()));
    environment.add(value("HEDDLE_LOG_LEVEL", proxy.logLevel()));
    environment.add(
        value("HEDDLE_DRAIN_TIMEOUT_SECONDS", String.valueOf(proxy.drainTimeoutSeconds())));
    return environment;
  }

  private static String first(Map<String, String> labels, String one, String two) {
    return labels.getOrDefault(one, labels.getOrDefault(two, ""));
  }

  /** The kubelet expands {@code $(NAME)} in values; labels and settings are meant literally. */
  private static EnvVar value(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value.replace("$(", "$$(")).build();
  }

  private static EnvVar field(String name, String path) {
    return new EnvVarBuilder()
        .withName(name)
        .withNewValueFrom()
        .withNewFieldRef("v1", path)
        .endValueFrom()
        .build();
  }

  private static SecurityContextBuilder securityContext() {
    SecurityContext restricted =
        new SecurityContextBuilder()
            .withRunAsUser((long) RedirectRules.PROXY_USER)
            .withRunAsGroup((long) RedirectRules.PROXY_USER)
            .withRunAsNonRoot(true)
            .withPrivileged(false)
            .withAllowPrivilegeEscalation(false)
            .withReadOnlyRootFilesystem(true)
            .withNewCapabilities()
            .withDrop("ALL")
            .endCapabilities()
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .build();
    return new SecurityContextBuilder(restricted);
  }

  private static Probe probe(String path, int periodSeconds, int failureThreshold) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort(RedirectRules.HEALTH_PORT)
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(3)
        .withFailureThreshold(failureThreshold)
        .build();
  }
}
