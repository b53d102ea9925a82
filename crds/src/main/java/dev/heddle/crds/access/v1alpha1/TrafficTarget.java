package dev.heddle.crds.access.v1alpha1;

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
 * Grants clients, by their ServiceAccount, access to pods, by theirs.
 *
 * @see <a
 *     href="https://github.com/servicemeshinterface/smi-spec/blob/main/apis/traffic-access/v1alpha1/traffic-access.md">the
 *     specification</a>
 */
@Group("access.smi-spec.io")
@Version("v1alpha1")
@Kind("TrafficTarget")
@Singular("traffictarget")
@Plural("traffictargets")
@ShortNames("tt")
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"apiVersion", "kind", "metadata", "destination", "sources", "specs", "status"})
public class TrafficTarget extends CustomResource<Void, SmiStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;

  private @Nullable TrafficTargetDestination destination;
  private @Nullable List<TrafficTargetSource> sources;
  private @Nullable List<TrafficTargetRule> specs;

  /** Who may be called. */
  public @Nullable TrafficTargetDestination getDestination() {
    return destination;
  }

  public void setDestination(@Nullable TrafficTargetDestination destination) {
    this.destination = destination;
  }

  /** Who may call. */
  public @Nullable List<TrafficTargetSource> getSources() {
    return sources;
  }

  public void setSources(@Nullable List<TrafficTargetSource> sources) {
    this.sources = sources;
  }

  /** What may be called; nothing if there are none. */
  public @Nullable List<TrafficTargetRule> getSpecs() {
    return specs;
  }

  public void setSpecs(@Nullable List<TrafficTargetRule> specs) {
    this.specs = specs;
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
