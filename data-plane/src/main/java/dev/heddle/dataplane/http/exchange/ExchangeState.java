package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.telemetry.ResponseFlag;
import org.jspecify.annotations.Nullable;

/**
 * Where an exchange stands. Receiving the headers comes before there is an exchange, in the
 * connection.
 *
 * <pre>
 *   Routing ----------> Connecting --------> AwaitingResponse --------> Responding -----> Done
 *      |    endpoint     ^   |     stream        |   |     | head           |  | 101
 *      |    picked       |   | connect failed    |   |     |                |  +---> Tunnelling ---> Done
 *      |                 +---+-------------------+   |     |                |
 *      |                 |  retry, where safe    |   |     |                |
 *      |                 +----- BackingOff <-----+   |     |                |
 *      |                        no other endpoint    |     |                | reset, closed, timeout
 *      v                                             v     v                v
 *     Done   (answered by the proxy itself) <---------     Failed       Failed
 * </pre>
 *
 * <p>Routing leads to Connecting by way of Held where a filter wants the request to wait.
 *
 * <p>The client going away leads from every state to Failed.
 */
sealed interface ExchangeState {

  /** Asking the configuration where to go. */
  record Routing() implements ExchangeState {
    static final Routing NOW = new Routing();
  }

  /**
   * A filter wants it to wait.
   *
   * @param filter its number
   * @param until as {@link DeadlineTimer#now}
   */
  record Held(int filter, long until) implements ExchangeState {}

  /** An endpoint is picked; there is no stream to it yet, the body waits. */
  record Connecting(Attempt attempt) implements ExchangeState {}

  /**
   * Every endpoint there is has been tried; others may be about to appear, or one to come back.
   *
   * @param failure of the last attempt
   * @param until as {@link DeadlineTimer#now}
   */
  record BackingOff(UpstreamFailure failure, long until) implements ExchangeState {}

  /**
   * The request is on its way; nothing of the answer has been passed on, so that a retry is
   * possible.
   */
  record AwaitingResponse(Attempt attempt, UpstreamStream upstream) implements ExchangeState {}

  /** The head of the answer has been passed on. */
  record Responding(Attempt attempt, UpstreamStream upstream) implements ExchangeState {}

  /** Bytes both ways, after 101. */
  record Tunnelling(Attempt attempt) implements ExchangeState {}

  /** The answer was passed on in full, or the proxy answered. */
  record Done() implements ExchangeState {
    static final Done NOW = new Done();
  }

  /**
   * The answer could not be completed.
   *
   * @param flag why; null when the client left
   */
  record Failed(@Nullable ResponseFlag flag) implements ExchangeState {}
}
