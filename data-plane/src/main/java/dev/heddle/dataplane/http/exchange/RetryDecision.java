package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.RetryOn;

/**
 * Whether a request whose attempt failed before its answer began may be sent again: only if it
 * certainly reached no application, if being processed twice does no harm, or if the route asks for
 * it all the same.
 */
public enum RetryDecision {
  /** Never. */
  NO,
  /** To another endpoint if there is one, within the route's retries and the budget. */
  ELSEWHERE,
  /**
   * Once, on a new connection: the server closed a kept-alive connection while the request was on
   * its way, which is the ordinary end of such a connection and no failure of the endpoint.
   */
  FRESH_CONNECTION;

  /**
   * Decides.
   *
   * @param on what the route asks for
   * @param idempotent whether the request may be processed twice
   * @param ownApplication whether the endpoint is the application beside this proxy: when that
   *     stops, the kernel resets connections it never accepted, and there is no other endpoint here
   */
  public static RetryDecision of(
      UpstreamFailure failure, RetryOn on, boolean idempotent, boolean ownApplication) {
    return switch (failure) {
      case UpstreamFailure.NotConnected notConnected ->
          elsewhere(notConnected.endpointFailed() && on.connectFailure());
      case UpstreamFailure.NotProcessed _, UpstreamFailure.Undelivered _ -> elsewhere(on.refused());
      case UpstreamFailure.Closed closed -> {
        if (closed.written() && !idempotent) {
          yield elsewhere(on.reset());
        }
        yield closed.reused() || ownApplication ? FRESH_CONNECTION : ELSEWHERE;
      }
      case UpstreamFailure.Reset _ -> elsewhere(idempotent || on.reset());
      case UpstreamFailure.Malformed _, UpstreamFailure.TryTimeout _ -> elsewhere(on.reset());
      case UpstreamFailure.Answered _ -> ELSEWHERE;
      case UpstreamFailure.Overflow _ -> NO;
    };
  }

  private static RetryDecision elsewhere(boolean wanted) {
    return wanted ? ELSEWHERE : NO;
  }
}
