package dev.heddle.dataplane.http.exchange;

/**
 * Whether a request whose attempt failed before its answer began may be sent again: only if that is
 * safe.
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
   * @param idempotent whether the request may be processed twice
   * @param ownApplication whether the endpoint is the application beside this proxy: when that
   *     stops, the kernel resets connections it never accepted, and there is no other endpoint here
   */
  public static RetryDecision of(
      UpstreamFailure failure, boolean idempotent, boolean ownApplication) {
    return switch (failure) {
      case UpstreamFailure.NotConnected notConnected ->
          notConnected.endpointFailed() ? ELSEWHERE : NO;
      case UpstreamFailure.NotProcessed _, UpstreamFailure.Undelivered _ -> ELSEWHERE;
      case UpstreamFailure.Closed closed -> {
        if (closed.written() && !idempotent) {
          yield NO;
        }
        yield closed.reused() || ownApplication ? FRESH_CONNECTION : ELSEWHERE;
      }
      case UpstreamFailure.Reset _ -> idempotent ? ELSEWHERE : NO;
      case UpstreamFailure.Malformed _, UpstreamFailure.Overflow _ -> NO;
    };
  }
}
