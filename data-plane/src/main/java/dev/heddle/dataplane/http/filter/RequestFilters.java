package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.access.AccessRulesDecision;
import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.JwtAuthentication;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.route.AccessDecision;
import dev.heddle.dataplane.http.route.AccessedRequest;
import dev.heddle.dataplane.http.route.RequestMatcher;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import java.time.Clock;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Asks filters about requests. One per event loop. */
public final class RequestFilters {
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int UNAVAILABLE = 14;

  private final RateLimits rateLimits;
  private final KeySetFetcher keySets;
  private final Clock clock;
  private @Nullable JwtFilter tokens;
  private final RandomGenerator random;

  /**
   * Makes the filters of one loop.
   *
   * @param rateLimits shared by all loops
   */
  public RequestFilters(
      RateLimits rateLimits, KeySetFetcher keySets, Clock clock, RandomGenerator random) {
    this.rateLimits = rateLimits;
    this.keySets = keySets;
    this.clock = clock;
    this.random = random;
  }

  /** What one filter says. */
  public Verdict ask(
      HttpFilter filter, RequestHead request, ConnectionContext connection, HttpProtocol protocol) {
    return switch (filter) {
      case HttpFilter.Disabled _ -> Verdict.Pass.PASS;
      case HttpFilter.Access access ->
          AccessDecision.allows(
                  access.policy(),
                  connection.principals(),
                  connection.originalDestination().getPort(),
                  request)
              ? Verdict.Pass.PASS
              : new Verdict.Answer(
                  403, ResponseFlag.ACCESS_DENIED, "access denied: no rule allows this request");
      case AccessRules rules -> {
        String denial = AccessRulesDecision.denial(rules, connection, new AccessedRequest(request));
        yield denial == null
            ? Verdict.Pass.PASS
            : new Verdict.Answer(403, ResponseFlag.ACCESS_DENIED, denial);
      }
      case HttpFilter.Fault fault -> delay(fault, request);
      case JwtAuthentication authentication -> tokens().ask(authentication, request);
      case HttpFilter.LocalRateLimit limit ->
          limit.enabled().takes(random)
              ? limited(limit, request, connection, protocol)
              : Verdict.Pass.PASS;
    };
  }

  private JwtFilter tokens() {
    JwtFilter asked = tokens;
    if (asked == null) {
      asked = new JwtFilter(new RemoteKeySets(keySets, System::nanoTime), clock);
      tokens = asked;
    }
    return asked;
  }

  private Verdict delay(HttpFilter.Fault fault, RequestHead request) {
    HttpFilter.Fault.Delay delay = fault.delay();
    if (delay != null
        && RequestMatcher.headersMatch(fault.headers(), request)
        && delay.share().takes(random)) {
      return new Verdict.Hold(delay.length().toNanos());
    }
    return abort(fault, request);
  }

  /** What a fault filter says when its delay is over. */
  public Verdict abort(HttpFilter.Fault fault, RequestHead request) {
    HttpFilter.Fault.Abort abort = fault.abort();
    if (abort == null
        || !RequestMatcher.headersMatch(fault.headers(), request)
        || !abort.share().takes(random)) {
      return Verdict.Pass.PASS;
    }
    return new Verdict.Answer(
        abort.status(),
        abort.grpcStatus(),
        ResponseFlag.FAULT_INJECTED,
        "aborted by a fault filter",
        List.of());
  }

  private Verdict limited(
      HttpFilter.LocalRateLimit limit,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    if (rateLimits.take(limit, request, connection, protocol) || !limit.enforced().takes(random)) {
      return Verdict.Pass.PASS;
    }
    return new Verdict.Answer(
        limit.status(),
        limit.resourceExhausted() ? RESOURCE_EXHAUSTED : UNAVAILABLE,
        ResponseFlag.RATE_LIMITED,
        "local rate limit exceeded",
        limit.responseHeaders());
  }
}
