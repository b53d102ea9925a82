package dev.heddle.smiadapter.smi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.ObjectReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An object of a kind of SMI as it is stored.
 *
 * @param reference what points at it
 * @param created when it was created; one that does not say counts as the youngest
 * @param annotations its annotations
 * @param spec its {@code spec}
 */
record SmiObject(
    ObjectReference reference, Instant created, Map<String, String> annotations, Field spec) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static SmiObject of(SmiKind kind, GenericKubernetesResource object) {
    var metadata = object.getMetadata();
    Object spec = object.get("spec");
    JsonNode json = spec == null ? MissingNode.getInstance() : MAPPER.valueToTree(spec);
    return new SmiObject(
        new ObjectReference(
            kind.apiVersion(),
            kind.kind(),
            new ObjectName(
                Objects.requireNonNullElse(metadata.getNamespace(), ""), metadata.getName()),
            Objects.requireNonNullElse(metadata.getUid(), "")),
        created(metadata.getCreationTimestamp()),
        Objects.requireNonNullElse(metadata.getAnnotations(), Map.of()),
        new Field("spec", json));
  }

  ObjectName name() {
    return reference.name();
  }

  /** An object of this name in the same namespace. */
  ObjectName neighbour(String name) {
    return new ObjectName(reference.name().namespace(), name);
  }

  private static Instant created(@Nullable String timestamp) {
    try {
      return timestamp == null ? Instant.MAX : Instant.parse(timestamp);
    } catch (DateTimeParseException e) {
      return Instant.MAX;
    }
  }
}
