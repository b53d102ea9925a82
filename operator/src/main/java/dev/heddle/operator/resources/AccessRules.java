package dev.heddle.operator.resources;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import java.util.List;

/**
 * What a component may do, in its own namespace and in the whole cluster. The API server lets the
 * operator grant nothing that it may not do itself, so what is added here is added to the
 * operator's ClusterRole too.
 *
 * @param component the name of the component
 * @param inNamespace what it may do in the namespace of the mesh
 * @param inCluster what it may do everywhere
 */
record AccessRules(String component, List<PolicyRule> inNamespace, List<PolicyRule> inCluster) {
  private static final String API_GROUP = "rbac.authorization.k8s.io";

  /** A rule about all objects of some kinds. */
  static PolicyRule rule(String group, List<String> resources, String... verbs) {
    return new PolicyRuleBuilder()
        .withApiGroups(group)
        .withResources(resources)
        .withVerbs(verbs)
        .build();
  }

  /** A rule about objects by their names. */
  static PolicyRule rule(String group, String resource, List<String> names, String... verbs) {
    return new PolicyRuleBuilder()
        .withApiGroups(group)
        .withResources(resource)
        .withResourceNames(names)
        .withVerbs(verbs)
        .build();
  }

  Role role(Mesh mesh) {
    return new RoleBuilder()
        .withMetadata(mesh.namespaced(component, component))
        .withRules(inNamespace)
        .build();
  }

  RoleBinding roleBinding(Mesh mesh) {
    return new RoleBindingBuilder()
        .withMetadata(mesh.namespaced(component, component))
        .withNewRoleRef(API_GROUP, "Role", component)
        .addNewSubject("", "ServiceAccount", component, mesh.namespace())
        .build();
  }

  ClusterRole clusterRole(Mesh mesh) {
    return new ClusterRoleBuilder()
        .withMetadata(mesh.clusterScoped(clusterName(mesh), component))
        .withRules(inCluster)
        .build();
  }

  ClusterRoleBinding clusterRoleBinding(Mesh mesh) {
    return new ClusterRoleBindingBuilder()
        .withMetadata(mesh.clusterScoped(clusterName(mesh), component))
        .withNewRoleRef(API_GROUP, "ClusterRole", clusterName(mesh))
        .addNewSubject("", "ServiceAccount", component, mesh.namespace())
        .build();
  }

  private String clusterName(Mesh mesh) {
    return MeshObjects.clusterScoped(component, mesh.namespace());
  }
}
