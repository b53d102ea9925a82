package dev.heddle.operator.status;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Why a pod is not ready, in the words of scheduler and kubelet. */
final class PodDiagnosis {
  private static final Set<String> STARTING = Set.of("ContainerCreating", "PodInitializing");

  private PodDiagnosis() {}

  /**
   * Names what keeps a pod from being ready.
   *
   * @return the problem; empty if the pod is ready, is going, or has only just begun
   */
  static Optional<Finding> of(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() != null || isReady(pod)) {
      return Optional.empty();
    }
    return Stream.<Optional<Finding>>of(waiting(pod), unscheduled(pod), unready(pod))
        .flatMap(Optional::stream)
        .findFirst();
  }

  static boolean isReady(Pod pod) {
    return conditions(pod).anyMatch(is("Ready", "True"));
  }

  private static Optional<Finding> waiting(Pod pod) {
    return containers(pod)
        .flatMap(container ->
            Optional.ofNullable(container.getState())
                .map(state -> state.getWaiting())
                .filter(state -> !STARTING.contains(text(state.getReason())))
                .map(state -> waiting(pod, container, state))
                .stream())
        .findFirst();
  }

  private static Finding waiting(
      Pod pod, ContainerStatus container, ContainerStateWaiting waiting) {
    String reason = text(waiting.getReason());
    String where = "Pod " + id(pod) + ", container " + container.getName();
    if (reason.contains("Image")) {
      return Finding.bad(
          "ImageUnavailable",
          where
              + ": image "
              + container.getImage()
              + ": "
              + reason
              + detail(waiting.getMessage())
              + " (spec.images)");
    }
    return Finding.bad(
        reason.isEmpty() ? "ContainerWaiting" : reason,
        where + ": " + reason + detail(waiting.getMessage()) + lastExit(container));
  }

  private static String lastExit(ContainerStatus container) {
    return Optional.ofNullable(container.getLastState())
        .map(state -> state.getTerminated())
        .map(PodDiagnosis::exit)
        .orElse("");
  }

  private static String exit(ContainerStateTerminated terminated) {
    return "; it last ended with exit code "
        + terminated.getExitCode()
        + " ("
        + text(terminated.getReason())
        + ")"
        + detail(terminated.getMessage());
  }

  private static Optional<Finding> unscheduled(Pod pod) {
    return conditions(pod)
        .filter(is("PodScheduled", "False"))
        .map(condition ->
            Finding.bad(
                "Unschedulable",
                "Pod "
                    + id(pod)
                    + ": "
                    + text(condition.getReason())
                    + detail(condition.getMessage())))
        .findFirst();
  }

  private static Optional<Finding> unready(Pod pod) {
    return containers(pod)
        .filter(container -> !Boolean.TRUE.equals(container.getReady()))
        .filter(
            container -> container.getState() != null && container.getState().getRunning() != null)
        .map(container ->
            Finding.bad(
                "PodsNotReady",
                "Pod "
                    + id(pod)
                    + ", container "
                    + container.getName()
                    + ": runs but its readiness probe does not succeed"))
        .findFirst();
  }

  private static Predicate<PodCondition> is(String type, String status) {
    return condition -> type.equals(condition.getType()) && status.equals(condition.getStatus());
  }

  private static Stream<PodCondition> conditions(Pod pod) {
    return pod.getStatus() == null ? Stream.empty() : stream(pod.getStatus().getConditions());
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.concat(
            stream(pod.getStatus().getInitContainerStatuses()),
            stream(pod.getStatus().getContainerStatuses()));
  }

  private static <T> Stream<T> stream(@Nullable Collection<T> collection) {
    return Objects.requireNonNullElse(collection, List.<T>of()).stream();
  }

  private static String id(Pod pod) {
    return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
  }

  private static String detail(@Nullable String message) {
    return message == null || message.isBlank() ? "" : ": " + message.strip();
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, "");
  }
}
