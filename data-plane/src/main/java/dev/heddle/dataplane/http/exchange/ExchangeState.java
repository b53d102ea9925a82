package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.upstream.Outcome;
import io.netty.buffer.ByteBuf;
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
  record BackingOff(Forwarding forwarding, UpstreamFailure failure, long until)
      implements ExchangeState {}

  /**
   * The request is on its way; nothing of the answer has been passed on, so that a retry is
   * possible.
   */
  record AwaitingResponse(Attempt attempt, UpstreamStream upstream) implements ExchangeState {}

  /** The head of the answer has been passed on; its body follows as fast as the client reads. */
  final class Responding implements ExchangeState {
    private final Attempt attempt;
    private final UpstreamStream upstream;
    private int owed;

    Responding(Attempt attempt, UpstreamStream upstream) {
      this.attempt = attempt;
      this.upstream = upstream;
    }

    Attempt attempt() {
      return attempt;
    }

    UpstreamStream upstream() {
      return upstream;
    }

    /** Passes on a part of the body; takes over the buffer. */
    void pass(ByteBuf data, DownstreamStream downstream) {
      int size = data.readableBytes();
      downstream.writeData(data, false);
      owed += size;
      if (downstream.writable()) {
        credit();
      }
    }

    /** Whether the server waits for the client to read. */
    boolean owes() {
      return owed > 0;
    }

    /** Lets the server send as much again as was passed on. */
    void credit() {
      int bytes = owed;
      owed = 0;
      upstream.consumed(bytes);
    }
  }

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

  /** The stream to the server; null while there is none. */
  static @Nullable UpstreamStream upstream(ExchangeState state) {
    return switch (state) {
      case AwaitingResponse awaiting -> awaiting.upstream();
      case Responding responding -> responding.upstream();
      case Routing _, Held _, Connecting _, BackingOff _, Tunnelling _, Done _, Failed _ -> null;
    };
  }

  /**
   * Gives up the attempt under way, if there is one.
   *
   * @param outcome what is learnt of the endpoint
   */
  static void abandon(ExchangeState state, Outcome outcome) {
    switch (state) {
      case Connecting(Attempt attempt) -> attempt.close(outcome);
      case AwaitingResponse(Attempt attempt, UpstreamStream upstream) -> {
        attempt.close(outcome);
        upstream.cancel();
      }
      case Responding responding -> {
        responding.attempt().close(outcome);
        responding.upstream().cancel();
      }
      case Routing _, Held _, BackingOff _, Tunnelling _, Done _, Failed _ -> {}
    }
  }
}
