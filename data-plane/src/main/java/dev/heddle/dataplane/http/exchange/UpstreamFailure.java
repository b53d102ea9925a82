package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.UpstreamConnectException;

/** Why an attempt failed, and with it whether the request can have had an effect. */
public sealed interface UpstreamFailure {

  String reason();

  ResponseFlag flag();

  /** What it says of the endpoint. */
  default Outcome outcome() {
    return switch (this) {
      case NotConnected notConnected ->
          notConnected.cause().reason().endpointFailed()
              ? Outcome.CONNECT_FAILURE
              : Outcome.NEUTRAL;
      case Overflow _ -> Outcome.NEUTRAL;
      case Undelivered _ -> Outcome.CONNECT_FAILURE;
      case NotProcessed _, Closed _, Reset _ -> Outcome.RESET;
      case Malformed _ -> Outcome.GATEWAY_ERROR;
      case TryTimeout _ -> Outcome.TIMEOUT;
      case Answered answered -> Outcome.ofStatus(answered.status());
    };
  }

  /** Whether the endpoint, and not this proxy or the connection's ordinary end, is to blame. */
  default boolean endpointFailed() {
    return outcome() != Outcome.NEUTRAL;
  }

  /** Whether it is certain that no server worked on the request. */
  default boolean unprocessed() {
    return switch (this) {
      case NotConnected _, NotProcessed _, Undelivered _, Overflow _ -> true;
      case Closed closed -> !closed.written();
      case Reset _, Malformed _, TryTimeout _, Answered _ -> false;
    };
  }

  /**
   * Whether this proxy knows by itself, and not from another one, that the server never got the
   * request.
   */
  default boolean undelivered() {
    return switch (this) {
      case Undelivered _ -> false;
      case NotConnected _,
          NotProcessed _,
          Overflow _,
          Closed _,
          Reset _,
          Malformed _,
          TryTimeout _,
          Answered _ ->
          unprocessed();
    };
  }

  /** The status of the answer when nothing is left to try. */
  default int replyStatus() {
    return switch (this) {
      case Malformed _ -> 502;
      case TryTimeout _ -> 504;
      case Answered answered -> answered.status();
      case NotConnected _, NotProcessed _, Undelivered _, Closed _, Reset _, Overflow _ -> 503;
    };
  }

  /** No connection, so nothing was sent. */
  record NotConnected(UpstreamConnectException cause) implements UpstreamFailure {
    @Override
    public String reason() {
      return "cannot connect: " + cause.getMessage();
    }

    @Override
    public ResponseFlag flag() {
      return switch (cause.reason()) {
        case TIMEOUT -> ResponseFlag.UPSTREAM_TIMEOUT;
        case OVERFLOW -> ResponseFlag.UPSTREAM_OVERFLOW;
        case REFUSED, UNREACHABLE, TLS_HANDSHAKE, IDENTITY_MISMATCH, NO_CERTIFICATE, OTHER ->
            ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
      };
    }
  }

  /** The server says that it did not process the request: REFUSED_STREAM, or beyond its GOAWAY. */
  record NotProcessed(String reason) implements UpstreamFailure {
    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_RESET;
    }
  }

  /** The server's proxy says that its application never got the request. */
  record Undelivered(String reason) implements UpstreamFailure {
    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
    }
  }

  /**
   * The connection closed before the answer was complete.
   *
   * @param written whether any of the request may have reached the server
   * @param reused whether the connection had carried a request before, so that the server may have
   *     closed it as idle while this request was on its way
   */
  record Closed(boolean written, boolean reused) implements UpstreamFailure {
    @Override
    public String reason() {
      return "the connection closed before the answer was complete";
    }

    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_CONNECTION_TERMINATION;
    }
  }

  /** The server reset the stream. */
  record Reset(long errorCode) implements UpstreamFailure {
    @Override
    public String reason() {
      return "the server reset the stream with error " + errorCode;
    }

    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_RESET;
    }
  }

  /** What the server sent is malformed or ambiguous. */
  record Malformed(String reason) implements UpstreamFailure {
    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_PROTOCOL_ERROR;
    }
  }

  /**
   * The attempt was not answered within its time limit.
   *
   * @param limit for messages
   */
  record TryTimeout(String limit) implements UpstreamFailure {
    @Override
    public String reason() {
      return "no answer within the route's per-try timeout of " + limit;
    }

    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_TIMEOUT;
    }
  }

  /** The server answered with a status on which the route asks for another attempt. */
  record Answered(int status) implements UpstreamFailure {
    @Override
    public String reason() {
      return "the server answered " + status + ", and nobody was left to ask again";
    }

    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED;
    }
  }

  /** A bound of the cluster is reached. */
  record Overflow(String reason) implements UpstreamFailure {
    @Override
    public ResponseFlag flag() {
      return ResponseFlag.UPSTREAM_OVERFLOW;
    }
  }
}
