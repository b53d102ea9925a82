package dev.heddle.crds.smi;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.heddle.crds.install.Condition;
import java.util.List;
import java.util.Objects;

/**
 * What the mesh makes of an object of the Service Mesh Interface.
 *
 * @param conditions whether it is in force: the type {@code Accepted} says so
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SmiStatus(List<Condition> conditions) {
  public SmiStatus {
    conditions = List.copyOf(Objects.requireNonNullElse(conditions, List.of()));
  }
}
