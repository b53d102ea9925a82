package dev.heddle.crds.install;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** One mesh in one namespace. Cluster-scoped. */
@Group("heddle.dev")
@Version("v1alpha1")
@Kind("MeshInstall")
@Singular("meshinstall")
@Plural("meshinstalls")
@ShortNames("mi")
public class MeshInstall extends CustomResource<MeshInstallSpec, MeshInstallStatus> {
  private static final long serialVersionUID = 1L;

  /**
   * Nothing: an object that is made to patch another's metadata must not carry, and so apply, a
   * spec.
   */
  @Override
  protected @Nullable MeshInstallSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable MeshInstallStatus initStatus() {
    return null;
  }
}
