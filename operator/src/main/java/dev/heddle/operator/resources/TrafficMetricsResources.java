package dev.heddle.operator.resources;

import static dev.heddle.operator.resources.AccessRules.rule;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.util.List;

/**
 * What makes the adapter's traffic metrics a part of the Kubernetes API.
 *
 * <p>The resources of that API have the names of the objects that they are about, {@code
 * deployments} among them, so the group has the lowest priority: whoever asks for deployments gets
 * deployments.
 */
public final class TrafficMetricsResources {
  /** The versions, the one that clients prefer first. */
  public static final List<String> VERSIONS = List.of("v1alpha2", "v1alpha1");

  /** The port of the adapter's Service that the API server passes requests on to. */
  static final int PORT = 8443;

  static final int CONTAINER_PORT = 15018;
  static final String PORT_NAME = "https-metrics";

  private static final String COMPONENT = "traffic-metrics";
  private static final String GROUP = "metrics.smi-spec.io";
  private static final int GROUP_PRIORITY = 100;
  private static final int VERSION_PRIORITY = 10;
  private static final String SYSTEM_NAMESPACE = "kube-system";
  private static final String AUTHENTICATION_READER = "extension-apiserver-authentication-reader";

  private TrafficMetricsResources() {}

  /** The name of the object that registers a version; there is one of each in a cluster. */
  public static String apiServiceName(String version) {
    return version + "." + GROUP;
  }

  /**
   * Registers a version.
   *
   * @param caBundle certificates that the adapter's certificate is verified with, PEM in Base64
   */
  public static APIService apiService(Mesh mesh, String version, String caBundle) {
    return new APIServiceBuilder()
        .withMetadata(mesh.clusterScoped(apiServiceName(version), COMPONENT))
        .withNewSpec()
        .withGroup(GROUP)
        .withVersion(version)
        .withGroupPriorityMinimum(GROUP_PRIORITY)
        .withVersionPriority(VERSION_PRIORITY * (VERSIONS.size() - VERSIONS.indexOf(version)))
        .withCaBundle(caBundle)
        .withNewService(MeshObjects.SMI_ADAPTER, mesh.namespace(), PORT)
        .endSpec()
        .build();
  }

  /** Lets the adapter read how the API server's proxy proves itself. */
  public static RoleBinding authenticationReader(Mesh mesh) {
    String name = MeshObjects.clusterScoped(MeshObjects.SMI_ADAPTER, mesh.namespace());
    return new RoleBindingBuilder()
        .withMetadata(
            new ObjectMetaBuilder(mesh.clusterScoped(name, COMPONENT))
                .withNamespace(SYSTEM_NAMESPACE)
                .build())
        .withNewRoleRef("rbac.authorization.k8s.io", "Role", AUTHENTICATION_READER)
        .addNewSubject("", "ServiceAccount", MeshObjects.SMI_ADAPTER, mesh.namespace())
        .build();
  }

  /**
   * Lets everybody who may view a namespace see its traffic: the cluster's own roles take in what
   * carries their labels. Of cluster-scoped resources the role {@code view} shows nothing anyway,
   * and only administrators see the traffic of nodes.
   */
  public static ClusterRole viewer(Mesh mesh) {
    String name = MeshObjects.clusterScoped("heddle-traffic-metrics", mesh.namespace());
    return new ClusterRoleBuilder()
        .withMetadata(
            new ObjectMetaBuilder(mesh.clusterScoped(name, COMPONENT))
                .addToLabels("rbac.authorization.k8s.io/aggregate-to-view", "true")
                .addToLabels("rbac.authorization.k8s.io/aggregate-to-edit", "true")
                .addToLabels("rbac.authorization.k8s.io/aggregate-to-admin", "true")
                .build())
        .withRules(
            rule(
                GROUP,
                List.of(
                    "trafficmetrics",
                    "trafficmetrics/edges",
                    "namespaces",
                    "edges",
                    "pods",
                    "pods/edges",
                    "services",
                    "services/edges",
                    "deployments",
                    "deployments/edges",
                    "replicasets",
                    "replicasets/edges",
                    "statefulsets",
                    "statefulsets/edges",
                    "daemonsets",
                    "daemonsets/edges",
                    "jobs",
                    "jobs/edges",
                    "replicationcontrollers",
                    "replicationcontrollers/edges",
                    "trafficsplits"),
                "get",
                "list"))
        .build();
  }
}
