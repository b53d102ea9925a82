package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.http.filter.KeyFetch;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.route.Router;
import dev.heddle.dataplane.http.route.WeightedChoice;
import dev.heddle.dataplane.http.tracing.AttemptSpan;
import dev.heddle.dataplane.http.tracing.RequestTrace;
import dev.heddle.dataplane.http.tunnel.Tunnel;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. States and transitions are drawn at {@link ExchangeState}.
 *
 * <p>Flow control: bytes that come from one side are given back as credit to that side once the
 * other side can take more without queueing, see {@link RequestBody} and {@link
 * ExchangeState.Responding}. Nothing is buffered here but what a retry needs. Where the request
 * goes, and whether again, is up to {@link Forwarding} and {@link Retries}.
 */
public final class Exchange {
  private final ExchangeServices services;
  private final ConnectionScope scope;
  private final DownstreamStream downstream;
  private final ProxyConfiguration configuration;
  private final TerminalFilter.HttpConnectionManager filter;
  private final RequestBody body;
  private final Deadlines deadlines;
  private final long startNanos;
  private final long startEpochMillis;

  private ExchangeState state = ExchangeState.Routing.NOW;
  private RequestHead request;
  private RouteConfiguration.@Nullable Route route;
  private boolean routesKnown;
  private @Nullable RequestTrace trace;
  private @Nullable Forwarding forwarding;
  private boolean requestEnded;

  private int status;
  private int grpcStatus = -1;
  private @Nullable ResponseFlag flag;
  private @Nullable String detail;
  private long requestBytes;
  private long responseBytes;

  public Exchange(
      ExchangeServices services,
      ConnectionScope scope,
      DownstreamStream downstream,
      RequestHead request) {
    this.services = services;
    this.scope = scope;
    this.downstream = downstream;
    this.request = request;
    this.configuration = services.configuration().current();
    this.filter = scope.filter(configuration);
    this.body = new RequestBody(downstream, services.limits().maxReplayBytes());
    this.startNanos = DeadlineTimer.now();
    this.deadlines = new Deadlines(startNanos, scope.streamIdleNanos());
    this.startEpochMillis = services.clock().millis();
  }

  // ---- from the client ----

  /**
   * Routes and begins the first attempt.
   *
   * @param end whether the request has no body
   */
  public void start(boolean end) {
    scope.timer().ensure(DeadlineTimer.after(startNanos, scope.streamIdleNanos()));
    if (end) {
      body.end(null);
      requestEnded = true;
    }
    RouteConfiguration routes = scope.routes(configuration);
    routesKnown = routes != null;
    route = routes == null ? null : Router.route(routes, request);
    trace = services.trace(scope, route, request);
    admit(0, false);
  }

  /**
   * Asks filters and route.
   *
   * @param from the number of the filter that is asked first
   * @param held whether that filter's wait is over
   */
  private void admit(int from, boolean held) {
    RouteConfiguration.Route chosen = route;
    switch (services
        .admission()
        .decide(filter.filters(), chosen, routesKnown, scope, request, from, held)) {
      case Admission.Outcome.Forward _ -> {
        if (chosen != null && chosen.action() instanceof RouteAction.Forward forward) {
          forward(forward, chosen);
        }
      }
      case Admission.Outcome.Reply(LocalReply reply, ResponseFlag why) -> {
        flag = why;
        finishLocally(reply, false);
      }
      case Admission.Outcome.Amend(int number, RequestHead amended) -> {
        request = amended;
        admit(number, false);
      }
      case Admission.Outcome.Hold(int number, long nanos) -> {
        flag = ResponseFlag.DELAY_INJECTED;
        long until = DeadlineTimer.now() + nanos;
        state = new ExchangeState.Held(number, until);
        scope.timer().ensure(until);
      }
      case Admission.Outcome.Await(int number, KeyFetch fetch) -> await(number, fetch);
    }
  }

  private void await(int number, KeyFetch fetch) {
    ExchangeState.Held held = new ExchangeState.Held(number, DeadlineTimer.NONE);
    state = held;
    boolean waiting =
        fetch.whenOver(() -> {
          if (held.equals(state)) {
            release(number, false);
          }
        });
    if (!waiting) {
      reply(503, ResponseFlag.OVERLOAD, "too many requests wait for keys");
    }
  }

  private void release(int number, boolean held) {
    state = ExchangeState.Routing.NOW;
    admit(number, held);
  }

  /** Owns the buffer; its bytes are given back by {@link DownstreamStream#consumed}. */
  public void requestData(ByteBuf data, boolean end) {
    requestBytes += data.readableBytes();
    deadlines.progress(DeadlineTimer.now());
    body.add(data);
    if (end) {
      body.end(null);
    }
    switch (state) {
      case ExchangeState.Held _, ExchangeState.Connecting _, ExchangeState.BackingOff _ ->
          body.hold(data);
      case ExchangeState.AwaitingResponse awaiting -> body.pass(data, end, awaiting.upstream());
      case ExchangeState.Responding responding -> body.pass(data, end, responding.upstream());
      case ExchangeState.Routing _,
          ExchangeState.Tunnelling _,
          ExchangeState.Done _,
          ExchangeState.Failed _ ->
          data.release();
    }
    if (end) {
      requestIsComplete();
    }
  }

  public void requestTrailers(HttpHeaders trailers) {
    deadlines.progress(DeadlineTimer.now());
    body.end(trailers);
    UpstreamStream upstream = ExchangeState.upstream(state);
    if (upstream != null) {
      upstream.writeTrailers(trailers);
    }
    requestIsComplete();
  }

  public void downstreamWritable() {
    if (state instanceof ExchangeState.Responding responding
        && responding.owes()
        && downstream.writable()) {
      deadlines.progress(DeadlineTimer.now());
      responding.credit();
    }
  }

  /**
   * The client is gone or broke the protocol; nothing more is written to it.
   *
   * @param why {@link ResponseFlag#DOWNSTREAM_TERMINATION} or {@link
   *     ResponseFlag#DOWNSTREAM_PROTOCOL_ERROR}
   */
  public void downstreamFailed(ResponseFlag why) {
    if (isOver()) {
      return;
    }
    ExchangeState.abandon(state, Outcome.NEUTRAL);
    fail(why);
  }

  /** Answers instead of the server, when the connection found the request's body malformed. */
  public void refuse(int refusedStatus, ResponseFlag why, String reason) {
    if (isOver()) {
      return;
    }
    ExchangeState.abandon(state, Outcome.NEUTRAL);
    if (relaysAnswer()) {
      abort(why);
    } else {
      reply(refusedStatus, why, reason);
    }
  }

  /** Answers a client whose body comes too slowly. */
  public void refuseSlowBody() {
    refuse(408, ResponseFlag.REQUEST_TIMEOUT, "the request's body comes too slowly");
  }

  public boolean isOver() {
    return state instanceof ExchangeState.Done || state instanceof ExchangeState.Failed;
  }

  /** Whether the answer comes from the server, so that nobody knows yet when it will end. */
  public boolean relaysAnswer() {
    return state instanceof ExchangeState.Responding;
  }

  /** Whether the whole request came in. */
  public boolean requestEnded() {
    return requestEnded;
  }

  /**
   * Acts on the deadlines that have passed.
   *
   * @return the next one
   */
  public long expire(long now) {
    if (isOver() || state instanceof ExchangeState.Tunnelling) {
      return DeadlineTimer.NONE;
    }
    switch (deadlines.expired(now)) {
      case ROUTE -> timedOut(deadlines.routeReply(), Outcome.TIMEOUT);
      case IDLE -> timedOut(deadlines.idleReply(requestEnded), Outcome.NEUTRAL);
      case ATTEMPT -> tryTimedOut();
      case NOTHING -> {}
    }
    if (isOver()) {
      return DeadlineTimer.NONE;
    }
    long next = deadlines.next();
    if (state instanceof ExchangeState.Held(int number, long until)) {
      if (now < until) {
        return Math.min(next, until);
      }
      release(number, true);
      return isOver() ? DeadlineTimer.NONE : deadlines.next();
    }
    if (state
        instanceof ExchangeState.BackingOff(Forwarding to, UpstreamFailure failure, long until)) {
      if (now < until) {
        return Math.min(next, until);
      }
      follow(to, to.retries().afterWait(), failure);
      return isOver() ? DeadlineTimer.NONE : next;
    }
    return next;
  }

  private void tryTimedOut() {
    deadlines.attemptOver();
    if (state instanceof ExchangeState.AwaitingResponse(Attempt attempt, UpstreamStream upstream)) {
      upstream.cancel();
      attemptFailed(attempt, new UpstreamFailure.TryTimeout(deadlines.tryText()));
    }
  }

  // ---- routing and attempts ----

  private void forward(RouteAction.Forward action, RouteConfiguration.Route chosen) {
    WeightedCluster choice = WeightedChoice.choose(action.clusters(), services.random());
    if (choice == null) {
      reply(
          503,
          ResponseFlag.NO_HEALTHY_ENDPOINT,
          "all backends have weight 0, so that no backend may get this request");
      return;
    }
    Cluster cluster = configuration.cluster(choice.cluster());
    if (cluster == null) {
      reply(503, ResponseFlag.NO_CLUSTER, "no cluster " + choice.cluster());
      return;
    }
    Forwarding to =
        new Forwarding(
            services, scope, request, configuration, cluster, chosen, choice, action.retries());
    forwarding = to;
    to.mutateRequest();
    if (trace != null) {
      trace.inject();
    }
    if (action.rewrite() != null) {
      try {
        to.rewrite(action.rewrite());
      } catch (MalformedMessageException e) {
        reply(400, ResponseFlag.NO_ROUTE, "the route's rewrite is refused: " + e.reason());
        return;
      }
    }
    to.hash(action.hashPolicies());
    PickedEndpoint picked = to.pick();
    if (picked == null) {
      reply(503, ResponseFlag.NO_HEALTHY_ENDPOINT, "no healthy endpoint of " + cluster.name());
    } else if (!to.admit(picked, startNanos)) {
      reply(503, ResponseFlag.UPSTREAM_OVERFLOW, "too many requests to " + cluster.name());
    } else {
      scope.timer().ensure(deadlines.route(action));
      if (!action.mirrors().isEmpty()) {
        body.mirror(MirroredBody.of(action.mirrors(), to.outgoing(), configuration, services));
      }
      if (requestEnded) {
        requestIsComplete();
      }
      attempt(to, picked, false);
    }
  }

  private void attempt(Forwarding to, PickedEndpoint picked, boolean fresh) {
    int number = to.begin(picked);
    AttemptSpan span =
        trace == null
            ? null
            : trace.attempt(picked.cluster().name(), picked.endpoint().address(), number);
    Attempt attempt =
        new Attempt(this, to, picked, to.protocol(picked), fresh, DeadlineTimer.now(), span);
    state = new ExchangeState.Connecting(attempt);
    services.source().open(attempt);
  }

  /**
   * Tries again, or does not.
   *
   * @param failure of the last attempt
   */
  private void follow(Forwarding to, Retries.Next next, UpstreamFailure failure) {
    switch (next) {
      case Retries.Next.Try(PickedEndpoint endpoint, boolean fresh) -> attempt(to, endpoint, fresh);
      case Retries.Next.BackOff(long nanos) -> {
        long until = DeadlineTimer.now() + nanos;
        state = new ExchangeState.BackingOff(to, failure, until);
        scope.timer().ensure(until);
      }
      case Retries.Next.GiveUp() -> replyTo(failure);
    }
  }

  void connected(Attempt attempt, UpstreamStream stream) {
    state = new ExchangeState.AwaitingResponse(attempt, stream);
    deadlines.progress(DeadlineTimer.now());
    Forwarding to = attempt.forwarding();
    to.tellSource(attempt.picked());
    attempt.traceRequest();
    boolean end = body.ended() && body.empty();
    stream.writeHead(to.outgoing(), end);
    if (!end) {
      body.writeTo(stream);
    }
    if (requestEnded) {
      if (to.lastTry()) {
        body.forget();
      }
      scope.timer().ensure(deadlines.attemptSent());
    }
    body.credit(stream);
  }

  void attemptFailed(Attempt attempt, UpstreamFailure failure) {
    deadlines.attemptOver();
    attempt.traceFailure(failure);
    if (relaysAnswer()) {
      attempt.close(failure.outcome());
      detail = failure.reason();
      abort(failure.flag());
      return;
    }
    if (body.repeatable()) {
      Forwarding to = attempt.forwarding();
      follow(to, to.retries().afterFailure(attempt, failure), failure);
    } else {
      attempt.close(failure.outcome());
      replyTo(failure);
    }
  }

  // ---- from the server ----

  void informational(ResponseHead head) {
    deadlines.progress(DeadlineTimer.now());
    downstream.writeInformational(head);
  }

  void responseHead(Attempt attempt, ResponseHead head, boolean end) {
    UpstreamStream upstream = ExchangeState.upstream(state);
    if (upstream == null) {
      return;
    }
    long now = DeadlineTimer.now();
    deadlines.progress(now);
    String undelivered = head.headers().get(HeaderNames.HEDDLE_UNDELIVERED);
    if (undelivered != null) {
      if (!end) {
        upstream.cancel();
      }
      attemptFailed(attempt, new UpstreamFailure.Undelivered(undelivered));
      return;
    }
    attempt.traceAnswer(head.code());
    if (attempt.forwarding().asksForAnother(head)
        && retryAnswer(attempt, upstream, head.code(), end)) {
      return;
    }
    deadlines.attemptOver();
    attempt.answered(now);
    body.forget();
    status = head.code();
    attempt.forwarding().mutateResponse(head.headers());
    if (trace != null) {
      trace.answered(head.headers());
    }
    state = new ExchangeState.Responding(attempt, upstream);
    if (status == 101) {
      tunnel(attempt, upstream, head);
      return;
    }
    if (request.grpc()) {
      grpcStatus = Grpc.status(head.headers());
    }
    downstream.writeHead(head, end);
    if (end) {
      complete(attempt);
    }
  }

  private boolean retryAnswer(Attempt attempt, UpstreamStream upstream, int code, boolean end) {
    Forwarding to = attempt.forwarding();
    if (!body.repeatable() || !to.retries().take(attempt, false)) {
      return false;
    }
    deadlines.attemptOver();
    if (!end) {
      upstream.cancel();
    }
    attempt.close(Outcome.ofStatus(code));
    follow(to, to.retries().elsewhere(), new UpstreamFailure.Answered(code));
    return true;
  }

  void responseData(ByteBuf data) {
    responseBytes += data.readableBytes();
    deadlines.progress(DeadlineTimer.now());
    if (state instanceof ExchangeState.Responding responding) {
      responding.pass(data, downstream);
    } else {
      data.release();
    }
  }

  void responseEnd(@Nullable HttpHeaders trailers) {
    if (state instanceof ExchangeState.Responding responding) {
      if (trailers == null || trailers.isEmpty()) {
        downstream.writeData(Unpooled.EMPTY_BUFFER, true);
      } else {
        if (request.grpc()) {
          grpcStatus = Grpc.status(trailers);
        }
        downstream.writeTrailers(trailers);
      }
      complete(responding.attempt());
    }
  }

  void upstreamWritable() {
    UpstreamStream upstream = ExchangeState.upstream(state);
    if (upstream != null) {
      body.credit(upstream);
    }
  }

  // ---- ends ----

  private void complete(Attempt attempt) {
    UpstreamStream upstream = ExchangeState.upstream(state);
    if (!requestEnded && upstream != null) {
      // An early answer: the rest of the request goes nowhere, and its connection is in between
      // messages.
      upstream.cancel();
    }
    attempt.close(
        status == 200 && grpcStatus > 0
            ? Outcome.ofGrpcStatus(grpcStatus)
            : Outcome.ofStatus(status));
    finish(ExchangeState.Done.NOW);
  }

  private void tunnel(Attempt attempt, UpstreamStream upstream, ResponseHead head) {
    downstream.writeHead(head, false);
    state = new ExchangeState.Tunnelling(attempt);
    Tunnel.join(
        downstream::detach,
        upstream::detach,
        services.limits().tunnelIdleTimeout(),
        (sent, received, idle) -> {
          requestBytes += sent;
          responseBytes += received;
          if (idle) {
            flag = ResponseFlag.STREAM_IDLE_TIMEOUT;
          }
          attempt.close(Outcome.SUCCESS);
          finish(ExchangeState.Done.NOW);
        });
  }

  private void timedOut(LocalReply reply, Outcome outcome) {
    ExchangeState.abandon(state, outcome);
    if (relaysAnswer()) {
      detail = reply.reason();
      abort(reply.flag());
    } else {
      reply(reply);
    }
  }

  private void replyTo(UpstreamFailure failure) {
    flag = failure.flag();
    // Told to the client's proxy alone, which asks elsewhere.
    boolean undelivered = scope.inbound() && scope.context().mutualTls() && failure.undelivered();
    finishLocally(
        new LocalReply(failure.replyStatus(), failure.flag(), failure.reason()), undelivered);
  }

  private void reply(int code, ResponseFlag why, String reason) {
    reply(new LocalReply(code, why, reason));
  }

  private void reply(LocalReply reply) {
    flag = reply.flag();
    finishLocally(reply, false);
  }

  private void finishLocally(LocalReply reply, boolean undelivered) {
    status = reply.status();
    detail = reply.flag() == null ? null : reply.reason();
    if (request.grpc()) {
      grpcStatus = reply.grpcStatus();
    }
    reply.writeTo(downstream, request.method().equals("HEAD"), request.grpc(), undelivered);
    finish(ExchangeState.Done.NOW);
  }

  /** The state first: a stream that closes while it is aborted was not closed by the client. */
  private void abort(@Nullable ResponseFlag why) {
    state = new ExchangeState.Failed(why);
    downstream.abort();
    fail(why);
  }

  private void fail(@Nullable ResponseFlag why) {
    flag = why;
    finish(new ExchangeState.Failed(why));
  }

  private void finish(ExchangeState last) {
    state = last;
    body.discard();
    if (forwarding != null) {
      forwarding.ended();
    }
    report();
    downstream.finished();
  }

  private void report() {
    Forwarding to = forwarding;
    Cluster cluster = to == null ? null : to.cluster();
    PickedEndpoint picked = to == null ? null : to.lastPicked();
    Workload server = to == null ? Workload.UNKNOWN : to.server();
    RequestReport report =
        new RequestReport(
            scope.context(),
            scope.protocol(),
            request.grpc(),
            request.method(),
            request.authority(),
            request.path(),
            status,
            grpcStatus,
            flag,
            cluster == null ? null : cluster.destination(),
            scope.inbound() ? scope.caller(request.meshSource()) : server,
            picked == null ? null : picked.endpoint().address(),
            picked != null && picked.tls() != null,
            requestBytes,
            responseBytes,
            startEpochMillis,
            DeadlineTimer.now() - startNanos,
            to == null ? 0 : to.attempts(),
            detail);
    services.observer().requestFinished(report);
    if (trace != null) {
      trace.finished(report, cluster == null ? null : cluster.name());
    }
  }

  private void requestIsComplete() {
    requestEnded = true;
    if (forwarding != null && body.mirrored()) {
      body.sendCopies(services.mirror(), forwarding.origin(deadlines.routeNanos()));
    }
    scope.timer().ensure(deadlines.requestEnded());
    if (state instanceof ExchangeState.AwaitingResponse) {
      scope.timer().ensure(deadlines.attemptSent());
    }
  }
}
