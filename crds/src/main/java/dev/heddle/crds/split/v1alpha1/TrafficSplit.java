package dev.heddle.crds.split.v1alpha1;

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
 * Divides the traffic that clients send to one Service among several.
 *
 * @see <a
 *     href="https://github.com/servicemeshinterface/smi-spec/blob/main/apis/traffic-split/v1alpha1/traffic-split.md">the
 *     specification</a>
 */
@Group("split.smi-spec.io")
@Version("v1alpha1")
@Kind("TrafficSplit")
@Singular("trafficsplit")
@Plural("trafficsplits")
@ShortNames("ts")
public class TrafficSplit extends CustomResource<TrafficSplitSpec, SmiStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  protected @Nullable TrafficSplitSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable SmiStatus initStatus() {
    return null;
  }
}
