package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Deleter;
import io.javaoperatorsdk.operator.processing.dependent.Creator;
import io.javaoperatorsdk.operator.processing.dependent.Updater;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResourceConfigBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(MeshObject.class);

  /** The API server's answer to an object that breaks the rules of its kind. */
  private static final int UNPROCESSABLE = 422;

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

  /**
   * Applies the object; where what another writer added makes that impossible, such as a second
   * port of the same name, it is first replaced whole.
   */
  @Override
  public R update(R actual, R desired, MeshInstall install, Context<MeshInstall> context) {
    try {
      return super.update(actual, desired, install, context);
    } catch (KubernetesClientException e) {
      if (e.getCode() != UNPROCESSABLE) {
        throw e;
      }
      LOG.info("{}: replaced, because it cannot be applied: {}", name(), Refusals.reason(e));
      R replacement = desired(install, context);
      replacement.getMetadata().setResourceVersion(actual.getMetadata().getResourceVersion());
      R replaced = context.getClient().resource(replacement).update();
      return super.update(replaced, desired(install, context), install, context);
    }
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
