package dev.heddle.ca.signing;

import io.grpc.Status;
import java.util.Locale;

/** Why a certificate was not signed: what the caller is told, and what is counted. */
public enum Refusal {
  UNAUTHENTICATED(Status.Code.UNAUTHENTICATED),
  INVALID_REQUEST(Status.Code.INVALID_ARGUMENT),
  REVIEW_UNAVAILABLE(Status.Code.UNAVAILABLE),
  NOT_READY(Status.Code.UNAVAILABLE),
  OVERLOADED(Status.Code.RESOURCE_EXHAUSTED),
  FAILED(Status.Code.INTERNAL);

  private final Status.Code code;

  Refusal(Status.Code code) {
    this.code = code;
  }

  Status status(String description) {
    return code.toStatus().withDescription(description);
  }

  /** The value of the metric's label. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
