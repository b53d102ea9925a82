package dev.heddle.crds.specs.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.heddle.crds.smi.SmiStatus;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Describes HTTP requests, for TrafficTargets and TrafficSplits to refer to.
 *
 * @see <a
 *     href="https://github.com/servicemeshinterface/smi-spec/blob/main/apis/traffic-specs/v1alpha1/traffic-specs.md">the
 *     specification</a>
 */
@Group("specs.smi-spec.io")
@Version("v1alpha1")
@Kind("HTTPRouteGroup")
@Singular("httproutegroup")
@Plural("httproutegroups")
@ShortNames("htr")
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"apiVersion", "kind", "metadata", "matches", "status"})
public class HttpRouteGroup extends CustomResource<Void, SmiStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;

  private @Nullable List<HttpMatch> matches;

  /** Sets of requests, any one of which a request must be of. */
  public @Nullable List<HttpMatch> getMatches() {
    return matches;
  }

  public void setMatches(@Nullable List<HttpMatch> matches) {
    this.matches = matches;
  }

  @Override
  protected @Nullable Void initSpec() {
    return null;
  }

  @Override
  protected @Nullable SmiStatus initStatus() {
    return null;
  }
}
