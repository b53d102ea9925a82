package dev.heddle.operator.resources;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;

/** The namespace of a mesh. */
public final class NamespaceResources {
  private NamespaceResources() {}

  /** The namespace, where every pod must pass the strictest Pod Security level. */
  public static Namespace namespace(Mesh mesh) {
    return new NamespaceBuilder()
        .withMetadata(mesh.clusterScoped(mesh.namespace(), "namespace"))
        .editMetadata()
        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
        .addToLabels("pod-security.kubernetes.io/audit", "restricted")
        .addToLabels("pod-security.kubernetes.io/warn", "restricted")
        .endMetadata()
        .build();
  }
}
