package dev.heddle.operator.resources;

import static dev.heddle.operator.resources.AccessRules.rule;
import static dev.heddle.operator.resources.MeshObjects.CERTIFICATE_AUTHORITY;
import static dev.heddle.operator.resources.MeshObjects.INTERMEDIATE_SECRET;
import static dev.heddle.operator.resources.MeshObjects.TRUST_ANCHORS;
import static dev.heddle.operator.resources.MeshObjects.WEBHOOK_ROOT_SECRET;
import static dev.heddle.operator.resources.MeshObjects.WEBHOOK_SECRET;

import dev.heddle.crds.install.CertificateAuthority;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;

/** The certificate authority of a mesh. */
public final class CertificateAuthorityResources {
  /** Where it signs. */
  static final int PORT = 15012;

  private CertificateAuthorityResources() {}

  public static ServiceAccount serviceAccount(Mesh mesh) {
    return component(mesh).serviceAccount(mesh);
  }

  public static Role role(Mesh mesh) {
    return accessRules(mesh).role(mesh);
  }

  public static RoleBinding roleBinding(Mesh mesh) {
    return accessRules(mesh).roleBinding(mesh);
  }

  public static ClusterRole clusterRole(Mesh mesh) {
    return accessRules(mesh).clusterRole(mesh);
  }

  public static ClusterRoleBinding clusterRoleBinding(Mesh mesh) {
    return accessRules(mesh).clusterRoleBinding(mesh);
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

  private static Component component(Mesh mesh) {
    CertificateAuthority settings = mesh.spec().certificateAuthority();
    return new Component(
        CERTIFICATE_AUTHORITY,
        settings.replicas(),
        settings.resources(),
        List.of(new Component.Port("grpc-ca", PORT, PORT)),
        List.of(
            Component.setting("HEDDLE_ROOT_SECRET", mesh.rootSecret()),
            Component.setting(
                "HEDDLE_CERTIFICATE_LIFETIME", settings.certificateLifetime().toString()),
            Component.setting(
                "HEDDLE_INTERMEDIATE_LIFETIME", settings.intermediateLifetime().toString()),
            Component.setting("HEDDLE_ROOT_LIFETIME", settings.rootLifetime().toString())),
        List.of());
  }

  private static AccessRules accessRules(Mesh mesh) {
    boolean ownRoot = mesh.spec().certificateAuthority().rootSecretName() == null;
    List<String> written =
        ownRoot
            ? List.of(mesh.rootSecret(), INTERMEDIATE_SECRET, WEBHOOK_ROOT_SECRET, WEBHOOK_SECRET)
            : List.of(INTERMEDIATE_SECRET, WEBHOOK_ROOT_SECRET, WEBHOOK_SECRET);
    List<String> read =
        List.of(mesh.rootSecret(), INTERMEDIATE_SECRET, WEBHOOK_ROOT_SECRET, WEBHOOK_SECRET);
    return new AccessRules(
        CERTIFICATE_AUTHORITY,
        List.of(
            // A name cannot be checked on creation, because the request has none yet.
            rule("", List.of("secrets", "configmaps"), "create"),
            rule("", "secrets", read, "get", "list", "watch"),
            rule("", "secrets", written, "update", "patch"),
            rule(
                "",
                "configmaps",
                List.of(TRUST_ANCHORS),
                "get",
                "list",
                "watch",
                "update",
                "patch"),
            rule("", List.of("events"), "create"),
            rule("coordination.k8s.io", List.of("leases"), "create"),
            rule(
                "coordination.k8s.io",
                "leases",
                List.of(CERTIFICATE_AUTHORITY),
                "get",
                "update",
                "patch")),
        List.of(rule("authentication.k8s.io", List.of("tokenreviews"), "create")));
  }
}
