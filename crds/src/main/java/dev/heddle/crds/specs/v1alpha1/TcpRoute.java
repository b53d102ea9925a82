package dev.heddle.crds.specs.v1alpha1;

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
 * All TCP traffic, for TrafficTargets to refer to. It has no fields.
 *
 * @see <a
 *     href="https://github.com/servicemeshinterface/smi-spec/blob/main/apis/traffic-specs/v1alpha1/traffic-specs.md">the
 *     specification</a>
 */
@Group("specs.smi-spec.io")
@Version("v1alpha1")
@Kind("TCPRoute")
@Singular("tcproute")
@Plural("tcproutes")
@ShortNames("tr")
public class TcpRoute extends CustomResource<Void, SmiStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  protected @Nullable Void initSpec() {
    return null;
  }

  @Override
  protected @Nullable SmiStatus initStatus() {
    return null;
  }
}
