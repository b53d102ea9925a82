package dev.heddle.operator.status;

import dev.heddle.crds.install.ComponentStatus;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a part that runs as pods is what it should be, and if not, why. */
final class ComponentFindings {
  private ComponentFindings() {}

  static Finding find(ComponentObservation component) {
    return component
        .deployment()
        .map(deployment -> find(component, deployment))
        .orElseGet(() ->
            Finding.bad(
                "DeploymentMissing",
                "Deployment "
                    + component.name()
                    + ": not applied yet; what comes before it is not ready"));
  }

  static ComponentStatus status(ComponentObservation component) {
    Finding finding = find(component);
    Optional<DeploymentStatus> status = component.deployment().map(Deployment::getStatus);
    return new ComponentStatus(
        component.name(),
        status.map(DeploymentStatus::getReadyReplicas).orElse(0),
        status.map(DeploymentStatus::getUpdatedReplicas).orElse(0),
        component.desiredReplicas(),
        component.deployment().flatMap(ComponentFindings::version).orElse(null),
        finding.isGood() ? null : finding.message());
  }

  private static Finding find(ComponentObservation component, Deployment deployment) {
    DeploymentStatus status =
        Objects.requireNonNullElseGet(deployment.getStatus(), DeploymentStatus::new);
    int desired = component.desiredReplicas();
    int ready = number(status.getReadyReplicas());
    int updated = number(status.getUpdatedReplicas());
    int all = number(status.getReplicas());
    boolean observed =
        Objects.equals(status.getObservedGeneration(), deployment.getMetadata().getGeneration());
    if (observed && updated == desired && ready == desired && all == desired) {
      return Finding.good("Available", desired + " of " + desired + " pods ready");
    }
    String progress =
        "%d of %d pods ready, %d of the newest version".formatted(ready, desired, updated);
    return Stream.<Optional<Finding>>of(problemOfPods(component), refusal(deployment, status))
        .flatMap(Optional::stream)
        .findFirst()
        .map(problem -> Finding.bad(problem.reason(), problem.message() + "; " + progress))
        .orElseGet(() -> Finding.bad("RollingOut", progress));
  }

  /** The worst problem of any pod: one that will not pass by waiting comes before one that may. */
  private static Optional<Finding> problemOfPods(ComponentObservation component) {
    List<Finding> problems =
        component.pods().stream().flatMap(pod -> PodDiagnosis.of(pod).stream()).toList();
    return problems.stream()
        .filter(problem -> !problem.reason().equals("PodsNotReady"))
        .findFirst()
        .or(() -> problems.stream().findFirst());
  }

  /** Why the API server refuses pods: quota, Pod Security, an admission webhook. */
  private static Optional<Finding> refusal(Deployment deployment, DeploymentStatus status) {
    return Objects.requireNonNullElse(status.getConditions(), List.<DeploymentCondition>of())
        .stream()
        .filter(condition -> "ReplicaFailure".equals(condition.getType()))
        .filter(condition -> "True".equals(condition.getStatus()))
        .map(condition ->
            Finding.bad(
                "PodsRefused",
                "Deployment " + deployment.getMetadata().getName() + ": " + condition.getMessage()))
        .findFirst();
  }

  private static Optional<String> version(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().stream()
        .map(Container::getImage)
        .filter(image -> image.lastIndexOf(':') > image.lastIndexOf('/'))
        .map(image -> image.substring(image.lastIndexOf(':') + 1))
        .findFirst();
  }

  private static int number(@Nullable Integer value) {
    return value == null ? 0 : value;
  }
}
