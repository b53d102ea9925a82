package dev.heddle.crds.install;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is so or not so, after Kubernetes' {@code metav1.Condition}.
 *
 * @param type what it speaks of
 * @param status whether it is so
 * @param reason why, in one word
 * @param message why, in a sentence
 * @param lastTransitionTime when the status last changed, to the second
 * @param observedGeneration the generation of the spec that it speaks of
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
    String type,
    Status status,
    String reason,
    String message,
    @JsonFormat(shape = JsonFormat.Shape.STRING) Instant lastTransitionTime,
    @Nullable Long observedGeneration) {

  /** Whether something is so. */
  public enum Status {
    @JsonProperty("True")
    TRUE,
    @JsonProperty("False")
    FALSE,
    @JsonProperty("Unknown")
    UNKNOWN
  }
}
