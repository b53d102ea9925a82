package dev.heddle.dataplane.upstream;

/** What came of an attempt at an endpoint. */
public enum Outcome {
  /** An answer that is no error of the server. */
  SUCCESS,
  /** 429: the endpoint says that it has too much. */
  TOO_MANY_REQUESTS,
  /** 5xx other than a gateway's. */
  SERVER_ERROR,
  /** 502, 503 or 504. */
  GATEWAY_ERROR,
  /** There was no connection. */
  CONNECT_FAILURE,
  /** There was no answer in time. */
  TIMEOUT,
  /** The connection or the stream ended before the answer did. */
  RESET,
  /** Nothing is to be learnt of the endpoint: the client left, or this proxy is to blame. */
  NEUTRAL;

  /** By the status of an answer. */
  public static Outcome ofStatus(int status) {
    return switch (status) {
      case 429 -> TOO_MANY_REQUESTS;
      case 502, 503, 504 -> GATEWAY_ERROR;
      default -> status >= 500 ? SERVER_ERROR : SUCCESS;
    };
  }

  /** By the status of a gRPC answer (doc/http-grpc-status-mapping.md of gRPC, the other way). */
  public static Outcome ofGrpcStatus(int status) {
    return switch (status) {
      case 8 -> TOO_MANY_REQUESTS;
      case 4, 14 -> GATEWAY_ERROR;
      case 2, 12, 13, 15 -> SERVER_ERROR;
      default -> SUCCESS;
    };
  }

  /** Whether other endpoints are preferred for a while. */
  boolean avoid() {
    return switch (this) {
      case GATEWAY_ERROR, CONNECT_FAILURE, TIMEOUT, RESET -> true;
      case SUCCESS, TOO_MANY_REQUESTS, SERVER_ERROR, NEUTRAL -> false;
    };
  }

  /** Whether the endpoint did not answer at all. */
  boolean local() {
    return switch (this) {
      case CONNECT_FAILURE, TIMEOUT, RESET -> true;
      case SUCCESS, TOO_MANY_REQUESTS, SERVER_ERROR, GATEWAY_ERROR, NEUTRAL -> false;
    };
  }
}
