package dev.heddle.smiadapter.aggregated;

import java.io.Serial;

/** A request that cannot be answered, as a Kubernetes {@code Status} says it. */
final class ApiException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final int code;
  private final String reason;

  /**
   * An answer.
   *
   * @param code of HTTP
   * @param reason for programs, as {@code metav1.StatusReason} has it
   * @param message for people
   */
  ApiException(int code, String reason, String message) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  static ApiException badRequest(String message) {
    return new ApiException(400, "BadRequest", message);
  }

  static ApiException unauthorized() {
    return new ApiException(401, "Unauthorized", "Unauthorized");
  }

  static ApiException forbidden(String message) {
    return new ApiException(403, "Forbidden", message);
  }

  static ApiException notFound(String message) {
    return new ApiException(404, "NotFound", message);
  }

  static ApiException methodNotAllowed(String method) {
    return new ApiException(
        405, "MethodNotAllowed", "method: " + method + " (expected: GET or HEAD; no watch)");
  }

  static ApiException notAcceptable(String accept) {
    return new ApiException(
        406, "NotAcceptable", "Accept: " + accept + " (expected: application/json)");
  }

  static ApiException tooManyRequests() {
    return new ApiException(429, "TooManyRequests", "too many requests at once");
  }

  static ApiException internal(String message) {
    return new ApiException(500, "InternalError", message);
  }

  static ApiException unavailable(String message) {
    return new ApiException(503, "ServiceUnavailable", message);
  }

  int code() {
    return code;
  }

  String reason() {
    return reason;
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
