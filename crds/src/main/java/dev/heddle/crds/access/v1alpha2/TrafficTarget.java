package dev.heddle.crds.access.v1alpha2;

import dev.heddle.crds.smi.SmiStatus;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/**
 * Grants clients, by their ServiceAccount, access to pods, by theirs.
 *
 * @see <a
 *     href="https://github.com/servicemeshinterface/smi-spec/blob/main/apis/traffic-access/v1alpha2/traffic-access.md">the
 *     specification</a>
 */
@Group("access.smi-spec.io")
@Version("v1alpha2")
@Kind("TrafficTarget")
@Singular("traffictarget")
@Plural("traffictargets")
@ShortNames("tt")
public class TrafficTarget extends CustomResource<TrafficTargetSpec, SmiStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  protected @Nullable TrafficTargetSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable SmiStatus initStatus() {
    return null;
  }
}
