package dev.heddle.smiadapter.injection;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heddle.smiadapter.settings.ProxySettings;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns a pod into a patch. The patch only adds, so that nothing of the pod that this code does not
 * know is lost, and a pod that has been through here once is left alone.
 */
public final class PodInjector {
  private final InjectionPolicy policy;
  private final ObjectMapper mapper;

  public PodInjector(String meshNamespace, ObjectMapper mapper) {
    this.policy = new InjectionPolicy(meshNamespace);
    this.mapper = mapper;
  }

  /**
   * Decides and, if wanted, injects.
   *
   * @param namespaceName of the pod, whose own metadata may not state it yet
   * @param namespace asked only if the pod itself says nothing
   * @param settings empty while the mesh is not ready to inject
   */
  Injection inject(
      Pod pod,
      String namespaceName,
      Supplier<Optional<Marks>> namespace,
      Optional<InjectionSettings> settings) {
    ObjectMeta metadata = pod.getMetadata();
    PodSpec spec = pod.getSpec();
    if (metadata == null || spec == null) {
      return new Injection.Refused("pod: no metadata or no spec (expected: both)", false);
    }
    Optional<String> exempt = exempt(spec, namespaceName);
    if (exempt.isPresent()) {
      return new Injection.Unchanged(exempt.get());
    }
    try {
      Optional<Boolean> wish = InjectionPolicy.wish(marks(metadata));
      if (wish.isEmpty()) {
        Optional<Marks> marks = namespace.get();
        if (marks.isEmpty()) {
          return new Injection.Refused(
              "namespace " + namespaceName + ": not known to Heddle yet; try again", true);
        }
        wish = InjectionPolicy.wish(marks.get());
      }
      if (!wish.orElse(false)) {
        return new Injection.Unchanged("no proxy is asked for");
      }
      if (settings.isEmpty()) {
        return new Injection.Refused(
            "Heddle has no settings or no trust anchors to inject yet; try again", true);
      }
      return patched(metadata, spec, settings.get());
    } catch (RefusedException e) {
      return new Injection.Refused(String.valueOf(e.getMessage()), false);
    }
  }

  private Optional<String> exempt(PodSpec spec, String namespace) {
    if (policy.isExcluded(namespace)) {
      return Optional.of("the namespace is excluded");
    }
    if (Boolean.TRUE.equals(spec.getHostNetwork())) {
      return Optional.of("the pod has the network of its node");
    }
    if (spec.getOs() != null && "windows".equals(spec.getOs().getName())) {
      return Optional.of("the pod runs on Windows");
    }
    boolean present =
        spec.getInitContainers().stream()
                .anyMatch(container -> container.getName().equals(ProxyContainers.PROXY))
            || spec.getContainers().stream()
                .anyMatch(container -> container.getName().equals(ProxyContainers.PROXY));
    return present ? Optional.of("the pod has a proxy") : Optional.empty();
  }

  private static Marks marks(ObjectMeta metadata) {
    return new Marks(orEmpty(metadata.getLabels()), orEmpty(metadata.getAnnotations()));
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private Injection patched(ObjectMeta metadata, PodSpec spec, InjectionSettings settings)
      throws RefusedException {
    Conflicts.require(spec);
    ProxySettings proxy =
        PodAnnotations.apply(settings.proxy(), orEmpty(metadata.getAnnotations()));
    ArrayNode patch = mapper.createArrayNode();
    if (orEmpty(metadata.getAnnotations()).isEmpty()) {
      add(patch, "/metadata/annotations", Map.of(PodAnnotations.INJECTED, proxy.image()));
    } else {
      add(
          patch,
          "/metadata/annotations/" + PodAnnotations.INJECTED.replace("~", "~0").replace("/", "~1"),
          proxy.image());
    }
    List<Object> containers =
        List.of(ProxyContainers.init(proxy), ProxyContainers.proxy(settings, proxy, metadata));
    if (spec.getInitContainers().isEmpty()) {
      add(patch, "/spec/initContainers", containers);
    } else {
      // Before all others, which then have the network that the pod will have.
      add(patch, "/spec/initContainers/0", containers.getFirst());
      add(patch, "/spec/initContainers/1", containers.getLast());
    }
    List<Volume> volumes = ProxyContainers.volumes();
    if (spec.getVolumes().isEmpty()) {
      add(patch, "/spec/volumes", volumes);
    } else {
      volumes.forEach(volume -> add(patch, "/spec/volumes/-", volume));
    }
    return new Injection.Patched(patch);
  }

  private void add(ArrayNode patch, String path, Object value) {
    ObjectNode operation = patch.addObject();
    operation.put("op", "add");
    operation.put("path", path);
    operation.set("value", mapper.valueToTree(value));
  }
}
