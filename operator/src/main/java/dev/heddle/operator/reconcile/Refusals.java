package dev.heddle.operator.reconcile;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;

/** Why the API server refused something. */
final class Refusals {
  private Refusals() {}

  /**
   * The API server's own sentence, without the request that it answers; else what the failure says
   * of itself.
   */
  static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof KubernetesClientException refusal
          && refusal.getStatus() != null
          && refusal.getStatus().getMessage() != null) {
        return refusal.getStatus().getMessage();
      }
    }
    return Objects.requireNonNullElseGet(failure.getMessage(), failure::toString);
  }
}
