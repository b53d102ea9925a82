package dev.heddle.dataplane.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * When a request is sent again (retry_on of envoy.config.route.v3.RetryPolicy).
 *
 * @param statusCodes of answers, for {@link Condition#RETRIABLE_STATUS_CODES}
 */
public record RetryOn(Set<Condition> conditions, Set<Integer> statusCodes) {

  /** What certainly never reached an application. */
  public static final RetryOn UNDELIVERED =
      new RetryOn(Set.of(Condition.CONNECT_FAILURE, Condition.REFUSED_STREAM), Set.of());

  public RetryOn {
    conditions = Set.copyOf(conditions);
    statusCodes = Set.copyOf(statusCodes);
  }

  /** A condition, by its name in Envoy. */
  public enum Condition {
    SERVER_ERROR("5xx", -1),
    GATEWAY_ERROR("gateway-error", -1),
    RESET("reset", -1),
    RESET_BEFORE_REQUEST("reset-before-request", -1),
    CONNECT_FAILURE("connect-failure", -1),
    REFUSED_STREAM("refused-stream", -1),
    RETRIABLE_4XX("retriable-4xx", -1),
    RETRIABLE_STATUS_CODES("retriable-status-codes", -1),
    GRPC_CANCELLED("cancelled", 1),
    GRPC_DEADLINE_EXCEEDED("deadline-exceeded", 4),
    GRPC_RESOURCE_EXHAUSTED("resource-exhausted", 8),
    GRPC_INTERNAL("internal", 13),
    GRPC_UNAVAILABLE("unavailable", 14);

    private static final Map<String, Condition> BY_NAME = new TreeMap<>();

    static {
      for (Condition condition : values()) {
        BY_NAME.put(condition.text, condition);
      }
    }

    private final String text;
    private final int grpcStatus;

    Condition(String text, int grpcStatus) {
      this.text = text;
      this.grpcStatus = grpcStatus;
    }

    /** All of them by Envoy's name. */
    public static Map<String, Condition> byName() {
      return Map.copyOf(BY_NAME);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether an attempt that could not be connected is made again. */
  public boolean connectFailure() {
    return conditions.contains(Condition.CONNECT_FAILURE)
        || conditions.contains(Condition.RESET_BEFORE_REQUEST)
        || reset();
  }

  /** Whether a request that its server says not to have processed is sent again. */
  public boolean refused() {
    return conditions.contains(Condition.REFUSED_STREAM) || connectFailure();
  }

  /**
   * Whether a request whose attempt was lost on the way is sent again, although a server may have
   * worked on it.
   */
  public boolean reset() {
    return conditions.contains(Condition.RESET)
        || conditions.contains(Condition.SERVER_ERROR)
        || conditions.contains(Condition.GATEWAY_ERROR);
  }

  /** Whether an answer with this status is not passed on while there are attempts left. */
  public boolean status(int status) {
    if (status >= 500 && conditions.contains(Condition.SERVER_ERROR)) {
      return true;
    }
    if (status >= 502 && status <= 504 && conditions.contains(Condition.GATEWAY_ERROR)) {
      return true;
    }
    if (status == 409 && conditions.contains(Condition.RETRIABLE_4XX)) {
      return true;
    }
    return conditions.contains(Condition.RETRIABLE_STATUS_CODES) && statusCodes.contains(status);
  }

  /** Whether an answer with this grpc-status in its head is not passed on. */
  public boolean grpcStatus(int grpcStatus) {
    for (Condition condition : conditions) {
      if (condition.grpcStatus == grpcStatus && grpcStatus >= 0) {
        return true;
      }
    }
    return false;
  }
}
