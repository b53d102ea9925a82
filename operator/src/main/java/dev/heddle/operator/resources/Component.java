package dev.heddle.operator.resources;

import dev.heddle.crds.install.ComputeResources;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A part of the mesh that runs as pods: what all of them have in common. The pods pass the Pod
 * Security level {@code restricted}, are spread over nodes and zones, are replaced without a gap
 * and drained one at a time.
 *
 * @param name its name, which is also that of its image, its account and its Service
 * @param replicas number of pods
 * @param resources compute resources of each
 * @param ports what it listens on besides {@value #HEALTH_PORT}
 * @param environment its settings besides those that every component has
 * @param volumes volumes besides {@code /tmp}
 */
record Component(
    String name,
    int replicas,
    ComputeResources resources,
    List<Port> ports,
    List<EnvVar> environment,
    List<MountedVolume> volumes) {

  /** Where every pod of Heddle answers {@code /livez}, {@code /readyz} and {@code /metrics}. */
  static final int HEALTH_PORT = 15020;

  private static final String HEALTH_PORT_NAME = "http-health";
  private static final long USER = 65532;

  /** Time for other nodes to learn that the pod goes, before it stops answering. */
  private static final long PRE_STOP_SECONDS = 3;

  private static final long TERMINATION_GRACE_SECONDS = 30;

  /**
   * A port that the component listens on.
   *
   * @param name its name
   * @param service the port of the Service
   * @param container the port of the container
   */
  record Port(String name, int service, int container) {}

  /**
   * A volume and where the container finds it.
   *
   * @param volume the volume
   * @param path the mount path; read-only
   */
  record MountedVolume(Volume volume, String path) {}

  /** A setting with a fixed value. */
  static EnvVar setting(String name, String value) {
    return new EnvVarBuilder().withName(name).withValue(value).build();
  }

  ServiceAccount serviceAccount(Mesh mesh) {
    return new ServiceAccountBuilder()
        .withMetadata(mesh.namespaced(name, name))
        .withAutomountServiceAccountToken(false)
        .build();
  }

  Service service(Mesh mesh) {
    return new ServiceBuilder()
        .withMetadata(mesh.namespaced(name, name))
        .withNewSpec()
        .withSelector(Labels.selector(name))
        .withPorts(ports.stream().map(Component::servicePort).toList())
        .endSpec()
        .build();
  }

  PodDisruptionBudget podDisruptionBudget(Mesh mesh) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(mesh.namespaced(name, name))
        .withNewSpec()
        // Not minAvailable: with a single replica that would keep its node from ever being drained.
        .withMaxUnavailable(new IntOrString(1))
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(Labels.selector(name))
        .endSelector()
        .endSpec()
        .build();
  }

  Deployment deployment(Mesh mesh) {
    return new DeploymentBuilder()
        .withMetadata(mesh.namespaced(name, name))
        .withNewSpec()
        .withReplicas(replicas)
        .withRevisionHistoryLimit(3)
        .withNewSelector()
        .withMatchLabels(Labels.selector(name))
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(0))
        .withMaxSurge(new IntOrString(1))
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Labels.of(mesh, name))
        .addToAnnotations("kubectl.kubernetes.io/default-container", name)
        .endMetadata()
        .withNewSpec()
        .withServiceAccountName(name)
        .withAutomountServiceAccountToken(true)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(TERMINATION_GRACE_SECONDS)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withFsGroup(USER)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withTopologySpreadConstraints(
            spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone"))
        .withContainers(container(mesh))
        .withVolumes(
            Stream.concat(Stream.of(temporary()), volumes.stream().map(MountedVolume::volume))
                .toList())
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private Container container(Mesh mesh) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(mesh.image(name))
        .withImagePullPolicy(mesh.spec().images().pullPolicy().text())
        .withPorts(
            Stream.concat(
                    ports.stream().map(port -> containerPort(port.name(), port.container())),
                    Stream.of(containerPort(HEALTH_PORT_NAME, HEALTH_PORT)))
                .toList())
        .withEnv(Stream.concat(commonEnvironment(mesh).stream(), environment.stream()).toList())
        .withResources(
            new ResourceRequirementsBuilder()
                .withRequests(resources.requests())
                .withLimits(resources.limits())
                .build())
        .withStartupProbe(probe("/livez", 1, 60))
        .withReadinessProbe(probe("/readyz", 2, 2))
        .withLivenessProbe(probe("/livez", 10, 3))
        .withNewLifecycle()
        .withNewPreStop()
        .withNewSleep(PRE_STOP_SECONDS)
        .endPreStop()
        .endLifecycle()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withVolumeMounts(
            Stream.concat(
                    Stream.of(mount("tmp", "/tmp", null)),
                    volumes.stream()
                        .map(mounted -> mount(mounted.volume().getName(), mounted.path(), true)))
                .toList())
        .build();
  }

  private static List<EnvVar> commonEnvironment(Mesh mesh) {
    return List.of(
        setting("HEDDLE_MESH_NAMESPACE", mesh.namespace()),
        setting("HEDDLE_TRUST_DOMAIN", mesh.spec().trustDomain()),
        setting("HEDDLE_LOG_LEVEL", Mesh.text(mesh.spec().logLevel())),
        fromField("HEDDLE_POD_NAME", "metadata.name"),
        fromField("HEDDLE_SERVICE_ACCOUNT", "spec.serviceAccountName"));
  }

  private static EnvVar fromField(String name, String path) {
    return new EnvVarBuilder()
        .withName(name)
        .withNewValueFrom()
        .withNewFieldRef("v1", path)
        .endValueFrom()
        .build();
  }

  private static Probe probe(String path, int periodSeconds, int failureThreshold) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withPort(new IntOrString(HEALTH_PORT_NAME))
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(2)
        .withFailureThreshold(failureThreshold)
        .build();
  }

  /**
   * Room for what the JVM and its native libraries unpack, the root file system being read-only.
   */
  private static Volume temporary() {
    return new VolumeBuilder()
        .withName("tmp")
        .withNewEmptyDir()
        .withSizeLimit(Quantity.parse("64Mi"))
        .endEmptyDir()
        .build();
  }

  private static VolumeMount mount(String volume, String path, @Nullable Boolean readOnly) {
    return new VolumeMountBuilder()
        .withName(volume)
        .withMountPath(path)
        .withReadOnly(readOnly)
        .build();
  }

  private TopologySpreadConstraint spread(String topologyKey) {
    return new TopologySpreadConstraintBuilder()
        .withTopologyKey(topologyKey)
        .withMaxSkew(1)
        .withWhenUnsatisfiable("ScheduleAnyway")
        .withNewLabelSelector()
        .withMatchLabels(Labels.selector(name))
        .endLabelSelector()
        .withMatchLabelKeys("pod-template-hash")
        .build();
  }

  private static ContainerPort containerPort(String name, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol("TCP")
        .build();
  }

  private static ServicePort servicePort(Port port) {
    return new ServicePortBuilder()
        .withName(port.name())
        .withPort(port.service())
        .withTargetPort(new IntOrString(port.name()))
        .withProtocol("TCP")
        .build();
  }
}
