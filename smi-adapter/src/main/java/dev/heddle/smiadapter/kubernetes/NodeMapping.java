package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.Change;
import dev.heddle.smiadapter.state.Locality;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Map;
import java.util.Optional;

/** Reads where Nodes are, by the well-known labels. */
final class NodeMapping implements Mapping<Node> {

  @Override
  public Observation observed(Node node) {
    Map<String, String> labels = Absent.orEmpty(node.getMetadata().getLabels());
    Locality locality =
        new Locality(
            labels.getOrDefault("topology.kubernetes.io/region", ""),
            labels.getOrDefault("topology.kubernetes.io/zone", ""));
    return Observation.of(new Change.NodeChange(node.getMetadata().getName(), locality));
  }

  @Override
  public Optional<Observation> removed(ObjectName name) {
    return Optional.of(Observation.of(new Change.NodeChange(name.name(), null)));
  }
}
