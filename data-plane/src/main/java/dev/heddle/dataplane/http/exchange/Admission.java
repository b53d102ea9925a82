package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.HttpFilter;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.http.filter.KeyFetch;
import dev.heddle.dataplane.http.filter.RequestFilters;
import dev.heddle.dataplane.http.filter.Verdict;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.http.route.HeaderMutator;
import dev.heddle.dataplane.http.route.RedirectLocation;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What becomes of a request before it is sent anywhere: its filters and its route decide. */
final class Admission {
  private final RequestFilters filters;

  Admission(RequestFilters filters) {
    this.filters = filters;
  }

  /** What is to be done with a request. */
  sealed interface Outcome {
    /** Sent on as the route says. */
    record Forward() implements Outcome {
      static final Forward NOW = new Forward();
    }

    /**
     * Answered by the proxy.
     *
     * @param flag for the report
     */
    record Reply(LocalReply reply, ResponseFlag flag) implements Outcome {}

    /** Asked again from this filter on at once, as this request. */
    record Amend(int filter, RequestHead request) implements Outcome {}

    /** Asked again from this filter on, after a while. */
    record Hold(int filter, long nanos) implements Outcome {}

    /** Asked again from this filter on, when the fetch is over. */
    record Await(int filter, KeyFetch fetch) implements Outcome {}
  }

  /**
   * Asks the filters from this number on, then the route.
   *
   * @param asked the filters, the same ones for all of a request
   * @param known whether there is a route configuration at all
   * @param held whether the first of them is a filter whose wait is over
   */
  Outcome decide(
      List<HttpFilter.Named> asked,
      @Nullable Route route,
      boolean known,
      ConnectionScope scope,
      RequestHead request,
      int from,
      boolean held) {
    Map<String, HttpFilter> overrides = route == null ? Map.of() : route.filters();
    for (int i = from; i < asked.size(); i++) {
      HttpFilter filter = asked.get(i).at(overrides);
      Verdict verdict =
          held && i == from && filter instanceof HttpFilter.Fault fault
              ? filters.abort(fault, request)
              : filters.ask(filter, request, scope.context(), scope.protocol());
      switch (verdict) {
        case Verdict.Pass _ -> {}
        case Verdict.Amend amend -> {
          return new Outcome.Amend(i + 1, amend.request());
        }
        case Verdict.Hold hold -> {
          return new Outcome.Hold(i, hold.nanos());
        }
        case Verdict.Await await -> {
          return new Outcome.Await(i, await.fetch());
        }
        case Verdict.Answer answer -> {
          return answer(answer, scope, request);
        }
      }
    }
    if (route == null) {
      return known
          ? reply(404, ResponseFlag.NO_ROUTE, "no route matches")
          : reply(503, ResponseFlag.NO_ROUTE, "no route configuration");
    }
    return switch (route.action()) {
      case RouteAction.Forward _ -> Outcome.Forward.NOW;
      case RouteAction.DirectResponse direct ->
          configured(
              direct.status(), direct.body(), UncheckedHeaders.create(), route, scope, request);
      case RouteAction.Redirect redirect -> redirect(redirect, route, scope, request);
    };
  }

  private static Outcome reply(int status, ResponseFlag flag, String reason) {
    return new Outcome.Reply(new LocalReply(status, flag, reason), flag);
  }

  private static Outcome answer(Verdict.Answer answer, ConnectionScope scope, RequestHead request) {
    HttpHeaders headers = UncheckedHeaders.create();
    HeaderMutator.apply(answer.headers(), headers, request, scope.context(), scope.protocol());
    int grpcStatus =
        answer.grpcStatus() < 0 ? Grpc.statusOfHttp(answer.status()) : answer.grpcStatus();
    return new Outcome.Reply(
        new LocalReply(answer.status(), grpcStatus, answer.flag(), answer.reason(), headers),
        answer.flag());
  }

  private static Outcome redirect(
      RouteAction.Redirect redirect, Route route, ConnectionScope scope, RequestHead request) {
    HttpHeaders headers = UncheckedHeaders.create();
    try {
      headers.set(HeaderNames.LOCATION, RedirectLocation.of(redirect, request));
    } catch (MalformedMessageException e) {
      return reply(400, ResponseFlag.NO_ROUTE, "the route's redirect is refused: " + e.reason());
    }
    return configured(redirect.status(), "", headers, route, scope, request);
  }

  /** An answer that the route is made of. */
  private static Outcome configured(
      int status,
      String text,
      HttpHeaders headers,
      Route route,
      ConnectionScope scope,
      RequestHead request) {
    HeaderMutator.apply(
        route.headers().response(), headers, request, scope.context(), scope.protocol());
    return new Outcome.Reply(
        new LocalReply(status, Grpc.statusOfHttp(status), null, text, headers),
        ResponseFlag.DIRECT_RESPONSE);
  }
}
