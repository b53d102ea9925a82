package dev.heddle.operator.status;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;

/**
 * What was seen of a part that runs as pods.
 *
 * @param name the name of its Deployment
 * @param desiredReplicas pods that are wanted
 * @param deployment its Deployment, if it exists
 * @param pods its pods, of any version
 */
public record ComponentObservation(
    String name, int desiredReplicas, Optional<Deployment> deployment, List<Pod> pods) {
  public ComponentObservation {
    pods = List.copyOf(pods);
  }
}
