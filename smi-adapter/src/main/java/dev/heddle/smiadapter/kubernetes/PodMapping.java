package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import dev.heddle.smiadapter.state.Workload;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads Pods. */
final class PodMapping implements Mapping<Pod> {

  /** The injector's mark: the image of the proxy in the pod. */
  private static final String INJECTED = "heddle.dev/injected";

  private static final String DEFAULT_ACCOUNT = "default";
  private static final String POD_TEMPLATE_HASH = "pod-template-hash";

  @Override
  public Observation observed(Pod pod) {
    ObjectName name = Names.of(pod);
    return Observation.of(new Change.WorkloadChange(name, workload(name, pod)));
  }

  @Override
  public Optional<Observation> removed(ObjectName name) {
    return Optional.of(Observation.of(new Change.WorkloadChange(name, null)));
  }

  private static @Nullable Workload workload(ObjectName name, Pod pod) {
    var spec = pod.getSpec();
    if (spec == null) {
      return null;
    }
    Map<String, String> labels = Absent.orEmpty(pod.getMetadata().getLabels());
    boolean injected = Absent.orEmpty(pod.getMetadata().getAnnotations()).containsKey(INJECTED);
    boolean hostNetwork = Boolean.TRUE.equals(spec.getHostNetwork());
    String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
    Optional<OwnerReference> controller =
        Absent.orEmpty(pod.getMetadata().getOwnerReferences()).stream()
            .filter(owner -> Boolean.TRUE.equals(owner.getController()))
            .findFirst();
    return new Workload(
        name,
        Objects.requireNonNullElse(spec.getServiceAccountName(), DEFAULT_ACCOUNT),
        injected && !hostNetwork,
        address == null ? AddressFamily.IPV4 : AddressFamily.of(address),
        controller.map(owner -> workloadName(owner, labels)).orElse(name.name()),
        controller.map(owner -> workloadKind(owner, labels)).orElse("Pod"),
        first(labels, "app.kubernetes.io/name", "app"),
        first(labels, "app.kubernetes.io/version", "version"),
        ProbeMapping.of(spec));
  }

  /** The Deployment behind a ReplicaSet that a Deployment has made, else the controller itself. */
  private static String workloadName(OwnerReference owner, Map<String, String> labels) {
    String suffix = "-" + labels.get(POD_TEMPLATE_HASH);
    String name = owner.getName();
    return ofDeployment(owner, labels) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  private static String workloadKind(OwnerReference owner, Map<String, String> labels) {
    return ofDeployment(owner, labels) ? "Deployment" : owner.getKind();
  }

  private static boolean ofDeployment(OwnerReference owner, Map<String, String> labels) {
    String hash = labels.get(POD_TEMPLATE_HASH);
    return hash != null
        && owner.getKind().equals("ReplicaSet")
        && owner.getName().endsWith("-" + hash);
  }

  private static String first(Map<String, String> labels, String preferred, String other) {
    String value = labels.get(preferred);
    return value == null ? labels.getOrDefault(other, "") : value;
  }
}
