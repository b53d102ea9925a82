package dev.heddle.smiadapter.injection;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a pod belongs to, as far as the pod itself tells.
 *
 * @param kind for example {@code Deployment}
 * @param name its name
 */
record WorkloadOwner(String kind, String name) {
  private static final String POD_TEMPLATE_HASH = "pod-template-hash";

  /** A CronJob's Job ends in the minute it was scheduled for, counted since the epoch. */
  private static final Pattern SCHEDULED = Pattern.compile("(.+)-[0-9]{8,11}");

  /** Empty for a pod that nothing controls. */
  static Optional<WorkloadOwner> of(ObjectMeta pod) {
    return pod.getOwnerReferences().stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst()
        .map(owner -> of(owner, pod));
  }

  private static WorkloadOwner of(OwnerReference owner, ObjectMeta pod) {
    String name = owner.getName();
    return switch (owner.getKind()) {
      case "ReplicaSet" -> {
        String hash = pod.getLabels() == null ? null : pod.getLabels().get(POD_TEMPLATE_HASH);
        yield hash != null && name.endsWith("-" + hash)
            ? new WorkloadOwner("Deployment", name.substring(0, name.length() - hash.length() - 1))
            : new WorkloadOwner("ReplicaSet", name);
      }
      case "Job" -> {
        Matcher scheduled = SCHEDULED.matcher(name);
        yield scheduled.matches()
            ? new WorkloadOwner("CronJob", scheduled.group(1))
            : new WorkloadOwner("Job", name);
      }
      default -> new WorkloadOwner(owner.getKind(), name);
    };
  }
}
