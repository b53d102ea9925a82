package dev.heddle.dataplane.http.exchange;

/**
 * Until when an exchange may last, by each of its time limits; times as of {@link DeadlineTimer}.
 */
final class Deadlines {
  private long idleNanos;
  private long routeNanos;
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
   * What the route says; 0 for none.
   *
   * @param forTry of one attempt, from its being sent to its answer's head
   */
  void route(long whole, long forTry) {
    routeNanos = whole;
    tryNanos = forTry;
  }

  /** What the route says instead of the connection manager; 0 for none. */
  void idle(long nanos) {
    idleNanos = nanos;
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

  /** For messages. */
  static String text(long nanos) {
    return nanos % 1_000_000_000 == 0
        ? nanos / 1_000_000_000 + " s"
        : (nanos + 999_999) / 1_000_000 + " ms";
  }

  long routeNanos() {
    return routeNanos;
  }

  String routeText() {
    return text(routeNanos);
  }

  String tryText() {
    return text(tryNanos);
  }

  String idleText() {
    return text(idleNanos);
  }
}
