package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.telemetry.ResponseFlag;

/**
 * Until when an exchange may last, by each of its time limits; times as of {@link DeadlineTimer}.
 */
final class Deadlines {
  private long idleNanos;
  private long routeNanos;

  /** Of one attempt, from its being sent to its answer's head. */
  private long tryNanos;

  private long route = DeadlineTimer.NONE;
  private long attempt = DeadlineTimer.NONE;
  private long lastProgress;

  /** Which limit is over first. */
  enum Expired {
    NOTHING,
    ROUTE,
    ATTEMPT,
    IDLE
  }

  /**
   * Begins.
   *
   * @param idleNanos bound on the time without progress; 0 for none
   */
  Deadlines(long now, long idleNanos) {
    this.lastProgress = now;
    this.idleNanos = idleNanos;
  }

  /**
   * Takes the limits that the route has, which may include one on the time without progress.
   *
   * @return a deadline that may be earlier than those before
   */
  long route(RouteAction.Forward action) {
    routeNanos = action.timeout().toNanos();
    tryNanos = action.retries().tryTimeout().toNanos();
    if (action.idleTimeout() == null) {
      return DeadlineTimer.NONE;
    }
    idleNanos = action.idleTimeout().toNanos();
    return next();
  }

  void progress(long now) {
    lastProgress = now;
  }

  /** The whole request came in: the route's limit counts from here. */
  long requestEnded() {
    route = routeNanos == 0 ? DeadlineTimer.NONE : DeadlineTimer.now() + routeNanos;
    return route;
  }

  /** The whole request was given to an endpoint. */
  long attemptSent() {
    attempt = tryNanos == 0 ? DeadlineTimer.NONE : DeadlineTimer.now() + tryNanos;
    return attempt;
  }

  void attemptOver() {
    attempt = DeadlineTimer.NONE;
  }

  Expired expired(long now) {
    if (now >= route) {
      return Expired.ROUTE;
    }
    if (now >= attempt) {
      return Expired.ATTEMPT;
    }
    return now >= idle() ? Expired.IDLE : Expired.NOTHING;
  }

  long next() {
    return Math.min(Math.min(route, attempt), idle());
  }

  private long idle() {
    return DeadlineTimer.after(lastProgress, idleNanos);
  }

  /** For when the route's limit is over. */
  LocalReply routeReply() {
    return new LocalReply(
        504,
        ResponseFlag.UPSTREAM_TIMEOUT,
        "no complete answer within the route's timeout of " + text(routeNanos));
  }

  /**
   * For when there was no progress for too long.
   *
   * @param requestEnded whether it is the server that makes none
   */
  LocalReply idleReply(boolean requestEnded) {
    return new LocalReply(
        requestEnded ? 504 : 408,
        ResponseFlag.STREAM_IDLE_TIMEOUT,
        "no progress within the stream's idle timeout of " + text(idleNanos));
  }

  /** For messages. */
  static String text(long nanos) {
    return nanos % 1_000_000_000 == 0
        ? nanos / 1_000_000_000 + " s"
        : (nanos + 999_999) / 1_000_000 + " ms";
  }

  long routeNanos() {
    return routeNanos;
  }

  String tryText() {
    return text(tryNanos);
  }
}
