package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Deleter;
import io.javaoperatorsdk.operator.processing.dependent.Creator;
import io.javaoperatorsdk.operator.processing.dependent.Updater;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResourceConfigBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.function.Function;

/**
 * One object of a mesh, kept as a builder says by server-side apply. What others write into fields
 * that the builder does not set is theirs.
 *
 * @param <R> the kind of the object
 */
final class MeshObject<R extends HasMetadata> extends KubernetesDependentResource<R, MeshInstall>
    implements Creator<R, MeshInstall>, Updater<R, MeshInstall>, Deleter<MeshInstall> {

  /**
   * Builds an object from the mesh and what else is in the cluster.
   *
   * @param <R> the kind of the object
   */
  @FunctionalInterface
  interface Builder<R> {
    R build(MeshInstall install, Context<MeshInstall> context);
  }

  private final Function<MeshInstall, ResourceID> id;
  private final Builder<R> builder;

  MeshObject(Class<R> kind, String name, Function<MeshInstall, ResourceID> id, Builder<R> builder) {
    super(kind, name);
    this.id = id;
    this.builder = builder;
    configureWith(
        new KubernetesDependentResourceConfigBuilder<R>()
            // Otherwise an object that lost its labels, and with them its place in the cache, would
            // never be repaired.
            .withCreateResourceOnlyIfNotExistingWithSSA(false)
            .build());
  }

  @Override
  protected R desired(MeshInstall install, Context<MeshInstall> context) {
    return builder.build(install, context);
  }

  @Override
  protected ResourceID targetSecondaryResourceID(
      MeshInstall install, Context<MeshInstall> context) {
    return id.apply(install);
  }

  @Override
  protected void addReferenceHandlingMetadata(R desired, MeshInstall install) {
    // The builder sets owner and labels.
  }
}
