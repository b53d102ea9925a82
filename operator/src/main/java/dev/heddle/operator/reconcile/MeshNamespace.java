package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.Creator;
import io.javaoperatorsdk.operator.processing.dependent.Matcher;
import io.javaoperatorsdk.operator.processing.dependent.Updater;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependentResourceConfigBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.function.Function;

/** The namespace of a mesh: made if it does not exist; left as it is if somebody else made it. */
final class MeshNamespace extends KubernetesDependentResource<Namespace, MeshInstall>
    implements Creator<Namespace, MeshInstall>, Updater<Namespace, MeshInstall> {
  private static final String TERMINATING = "Terminating";

  private final Function<MeshInstall, Namespace> builder;

  MeshNamespace(Function<MeshInstall, Namespace> builder) {
    super(Namespace.class, "Namespace");
    this.builder = builder;
    configureWith(
        new KubernetesDependentResourceConfigBuilder<Namespace>()
            // A namespace that appears between looking and creating is somebody else's.
            .withCreateResourceOnlyIfNotExistingWithSSA(true)
            .build());
  }

  /** Whether a namespace was made for a MeshInstall, and is deleted with it. */
  static boolean belongsTo(MeshInstall install, Namespace namespace) {
    return namespace.hasOwnerReferenceFor(install.getMetadata().getUid());
  }

  /** Whether nothing can be created in a namespace, because it is being deleted. */
  static boolean isTerminating(Namespace namespace) {
    return namespace.getMetadata().getDeletionTimestamp() != null
        || (namespace.getStatus() != null && TERMINATING.equals(namespace.getStatus().getPhase()));
  }

  @Override
  protected Namespace desired(MeshInstall install, Context<MeshInstall> context) {
    return builder.apply(install);
  }

  @Override
  protected ResourceID targetSecondaryResourceID(
      MeshInstall install, Context<MeshInstall> context) {
    return new ResourceID(install.getSpec().namespace());
  }

  @Override
  public Matcher.Result<Namespace> match(
      Namespace actual, MeshInstall install, Context<MeshInstall> context) {
    return belongsTo(install, actual) && !isTerminating(actual)
        ? super.match(actual, install, context)
        : Matcher.Result.nonComputed(true);
  }

  @Override
  protected void addReferenceHandlingMetadata(Namespace desired, MeshInstall install) {
    // The builder sets owner and labels.
  }
}
