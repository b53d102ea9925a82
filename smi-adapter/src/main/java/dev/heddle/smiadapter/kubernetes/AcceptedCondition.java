package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.Acceptance;
import dev.heddle.smiadapter.state.ObjectReference;
import dev.heddle.smiadapter.state.ObservedObject;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what the status of an object says of its being accepted; anyone may have written it. */
final class AcceptedCondition {

  private static final String TYPE = "Accepted";

  private AcceptedCondition() {}

  static ObservedObject observe(
      GenericKubernetesResource object, ResourceDefinitionContext kind, boolean statusServed) {
    var metadata = object.getMetadata();
    @Nullable Map<?, ?> condition = condition(object).orElse(null);
    return new ObservedObject(
        new ObjectReference(
            kind.getGroup() + "/" + kind.getVersion(),
            kind.getKind(),
            Names.of(object),
            Objects.requireNonNullElse(metadata.getUid(), "")),
        kind.getPlural(),
        Objects.requireNonNullElse(metadata.getGeneration(), 0L),
        statusServed,
        condition == null ? null : acceptance(condition),
        condition == null ? null : Objects.toString(condition.get("lastTransitionTime"), null));
  }

  private static Optional<Map<?, ?>> condition(GenericKubernetesResource object) {
    if (!(object.get("status", "conditions") instanceof List<?> conditions)) {
      return Optional.empty();
    }
    for (Object condition : conditions) {
      if (condition instanceof Map<?, ?> fields && TYPE.equals(fields.get("type"))) {
        return Optional.of(fields);
      }
    }
    return Optional.empty();
  }

  private static Acceptance acceptance(Map<?, ?> condition) {
    return new Acceptance(
        "True".equals(condition.get("status")),
        Objects.toString(condition.get("reason"), ""),
        Objects.toString(condition.get("message"), ""),
        condition.get("observedGeneration") instanceof Number generation
            ? generation.longValue()
            : 0);
  }
}
