package dev.heddle.operator.resources;

import static dev.heddle.operator.resources.AccessRules.rule;
import static dev.heddle.operator.resources.MeshObjects.MESH_CONFIGURATION;
import static dev.heddle.operator.resources.MeshObjects.SMI_ADAPTER;
import static dev.heddle.operator.resources.MeshObjects.TRUST_ANCHORS;
import static dev.heddle.operator.resources.MeshObjects.WEBHOOK_SECRET;

import dev.heddle.crds.install.SmiAdapter;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;

/** The SMI adapter of a mesh. */
public final class AdapterResources {
  /** The port of its Service that the API server calls. */
  static final int WEBHOOK_PORT = 443;

  private static final int XDS_PORT = 15010;
  private static final int WEBHOOK_CONTAINER_PORT = 15017;
  private static final String TOKEN_AUDIENCE = "heddle-ca";
  private static final long TOKEN_SECONDS = 3600;

  private AdapterResources() {}

  public static ServiceAccount serviceAccount(Mesh mesh) {
    return component(mesh).serviceAccount(mesh);
  }

  public static Role role(Mesh mesh) {
    return accessRules().role(mesh);
  }

  public static RoleBinding roleBinding(Mesh mesh) {
    return accessRules().roleBinding(mesh);
  }

  public static ClusterRole clusterRole(Mesh mesh) {
    return accessRules().clusterRole(mesh);
  }

  public static ClusterRoleBinding clusterRoleBinding(Mesh mesh) {
    return accessRules().clusterRoleBinding(mesh);
  }

  public static Deployment deployment(Mesh mesh) {
    return component(mesh).deployment(mesh);
  }

  public static Service service(Mesh mesh) {
    return component(mesh).service(mesh);
  }

  public static PodDisruptionBudget podDisruptionBudget(Mesh mesh) {
    return component(mesh).podDisruptionBudget(mesh);
  }

  /**
   * What may change while the adapter runs. It watches this object, so that no pod is replaced for
   * it.
   */
  public static ConfigMap configuration(Mesh mesh) {
    return new ConfigMapBuilder()
        .withMetadata(mesh.namespaced(MESH_CONFIGURATION, SMI_ADAPTER))
        .addToData(MeshConfiguration.KEY, MeshConfiguration.of(mesh).toYaml())
        .build();
  }

  private static Component component(Mesh mesh) {
    SmiAdapter settings = mesh.spec().smiAdapter();
    return new Component(
        SMI_ADAPTER,
        settings.replicas(),
        settings.resources(),
        List.of(
            new Component.Port("grpc-xds", XDS_PORT, XDS_PORT),
            new Component.Port("https-webhook", WEBHOOK_PORT, WEBHOOK_CONTAINER_PORT),
            new Component.Port(
                TrafficMetricsResources.PORT_NAME,
                TrafficMetricsResources.PORT,
                TrafficMetricsResources.CONTAINER_PORT)),
        List.of(
            Component.setting(
                "HEDDLE_CA_ADDRESS",
                MeshObjects.CERTIFICATE_AUTHORITY
                    + "."
                    + mesh.namespace()
                    + ".svc:"
                    + CertificateAuthorityResources.PORT)),
        List.of(
            new Component.MountedVolume(identity(), "/var/run/secrets/heddle.dev/identity"),
            new Component.MountedVolume(
                webhookCertificate(), "/var/run/secrets/heddle.dev/webhook")));
  }

  private static Volume identity() {
    return new VolumeBuilder()
        .withName("heddle-identity")
        .withNewProjected()
        .addNewSource()
        .withNewServiceAccountToken()
        .withAudience(TOKEN_AUDIENCE)
        .withExpirationSeconds(TOKEN_SECONDS)
        .withPath("token")
        .endServiceAccountToken()
        .endSource()
        .endProjected()
        .build();
  }

  private static Volume webhookCertificate() {
    return new VolumeBuilder()
        .withName("heddle-webhook-certificate")
        .withNewSecret()
        .withSecretName(WEBHOOK_SECRET)
        .endSecret()
        .build();
  }

  private static AccessRules accessRules() {
    String[] read = {"get", "list", "watch"};
    return new AccessRules(
        SMI_ADAPTER,
        List.of(
            rule("", "configmaps", List.of(MESH_CONFIGURATION, TRUST_ANCHORS), read),
            rule("coordination.k8s.io", List.of("leases"), "create"),
            rule("coordination.k8s.io", "leases", List.of(SMI_ADAPTER), "get", "update", "patch")),
        List.of(
            rule("", List.of("services", "pods", "namespaces", "nodes"), read),
            rule("discovery.k8s.io", List.of("endpointslices"), read),
            rule("split.smi-spec.io", List.of("trafficsplits"), read),
            rule("split.smi-spec.io", List.of("trafficsplits/status"), "patch"),
            rule("access.smi-spec.io", List.of("traffictargets"), read),
            rule("access.smi-spec.io", List.of("traffictargets/status"), "patch"),
            rule("specs.smi-spec.io", List.of("httproutegroups", "tcproutes", "udproutes"), read),
            rule(
                "specs.smi-spec.io",
                List.of("httproutegroups/status", "tcproutes/status", "udproutes/status"),
                "patch"),
            // Traffic objects are watched only while their kind is installed.
            rule(
                "apiextensions.k8s.io",
                "customresourcedefinitions",
                List.of(
                    "trafficsplits.split.smi-spec.io",
                    "traffictargets.access.smi-spec.io",
                    "httproutegroups.specs.smi-spec.io",
                    "tcproutes.specs.smi-spec.io",
                    "udproutes.specs.smi-spec.io"),
                read),
            rule("", List.of("events"), "create", "patch"),
            // Who asks for traffic metrics, and what objects there are that have some.
            rule("authorization.k8s.io", List.of("subjectaccessreviews"), "create"),
            rule("", List.of("replicationcontrollers"), "get", "list"),
            rule(
                "apps",
                List.of("deployments", "replicasets", "statefulsets", "daemonsets"),
                "get",
                "list"),
            rule("batch", List.of("jobs"), "get", "list")));
  }
}
