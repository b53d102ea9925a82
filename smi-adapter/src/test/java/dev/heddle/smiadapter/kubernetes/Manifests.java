package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.smi.SmiFrontEnds;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/** Reads manifests the way the watches read what the API server sends. */
public final class Manifests {

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private Manifests() {}

  /** What is seen of the documents of a YAML file. */
  public static List<Observation> read(String yaml) {
    return List.of(yaml.split("(?m)^---$")).stream()
        .filter(document -> !document.isBlank())
        .map(document -> (HasMetadata) SERIALIZATION.unmarshal(document))
        .map(Manifests::observe)
        .toList();
  }

  private static Observation observe(HasMetadata object) {
    return switch (object) {
      case Service service -> new ServiceMapping().observed(service);
      case EndpointSlice slice -> new EndpointSliceMapping().observed(slice);
      case Pod pod -> new PodMapping().observed(pod);
      case Node node -> new NodeMapping().observed(node);
      case ConfigMap settings -> new SettingsMapping("example.org").observed(settings);
      case GenericKubernetesResource custom -> compile(custom);
      default -> throw new IllegalArgumentException("kind: " + object.getKind());
    };
  }

  private static Observation compile(GenericKubernetesResource object) {
    return SmiFrontEnds.all().stream()
        .filter(frontEnd -> frontEnd.kind().getKind().equals(object.getKind()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("kind: " + object.getKind()))
        .compile(object);
  }
}
