package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.HashPolicy;
import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderMutations;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RetryOn;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.TerminalFilter.RouteSource;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.filter.KeyFetch;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.route.HeaderMutator;
import dev.heddle.dataplane.http.route.RequestHash;
import dev.heddle.dataplane.http.route.RequestRewriter;
import dev.heddle.dataplane.http.route.Router;
import dev.heddle.dataplane.http.route.StickyCookie;
import dev.heddle.dataplane.http.route.WeightedChoice;
import dev.heddle.dataplane.http.tracing.AttemptSpan;
import dev.heddle.dataplane.http.tracing.RequestTrace;
import dev.heddle.dataplane.http.tunnel.Tunnel;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. States and transitions are drawn at {@link ExchangeState}.
 *
 * <p>Flow control: bytes that come from one side are given back as credit to that side once the
 * other side can take more without queueing. Nothing is buffered here but what a retry needs, see
 * {@link RequestBody}.
 */
public final class Exchange {
  private final ExchangeServices services;
  private final ConnectionScope scope;
  private final DownstreamStream downstream;
  private RequestHead request;
  private final RequestBody body;
  private final long startNanos;
  private final long startEpochMillis;

  private ExchangeState state = ExchangeState.Routing.NOW;
  private @Nullable ProxyConfiguration configuration;
  private @Nullable Cluster cluster;
  private ExchangeServices.@Nullable ClusterLoad load;
  private @Nullable CircuitBreaker breaker;
  private boolean countedAsRetry;
  private long hash;
  private @Nullable String cookie;
  private @Nullable PickedEndpoint lastPicked;
  private int attempts;
  private RetryPolicy retryPolicy = RetryPolicy.NONE;
  private @Nullable Retries retries;
  private final Deadlines deadlines;

  private RouteConfiguration.@Nullable Route route;
  private boolean routesKnown;
  private RequestHead outgoing;
  private HeaderMutations mutations = HeaderMutations.NONE;

  private @Nullable RequestTrace trace;
  private @Nullable MirroredBody mirrored;
  private boolean requestEnded;
  private int owedDownstream;
  private int owedUpstream;

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
    this.outgoing = request;
    this.body = new RequestBody(services.limits().maxReplayBytes());
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
    ProxyConfiguration current = services.configuration().current();
    configuration = current;
    scope.timer().ensure(DeadlineTimer.after(startNanos, scope.streamIdleNanos()));
    if (end) {
      body.end(null);
      requestEnded = true;
    }
    RouteConfiguration routes =
        switch (scope.filter().routes()) {
          case RouteSource.Inline inline -> inline.routes();
          case RouteSource.Named named -> current.route(named.name());
        };
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
    switch (services.admission().decide(chosen, routesKnown, scope, request, from, held)) {
      case Admission.Outcome.Forward _ -> {
        if (chosen != null && chosen.action() instanceof RouteAction.Forward forward) {
          mutations = chosen.headers();
          forward(forward);
        }
      }
      case Admission.Outcome.Reply(LocalReply reply, ResponseFlag why) -> {
        flag = why;
        finishLocally(reply, false);
      }
      case Admission.Outcome.Amend(int number, RequestHead amended) -> {
        request = amended;
        outgoing = amended;
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
    int size = data.readableBytes();
    requestBytes += size;
    deadlines.progress(DeadlineTimer.now());
    boolean keep = body.repeatable();
    if (keep) {
      body.add(data);
    }
    if (mirrored != null) {
      mirrored.add(data);
    }
    if (end) {
      body.end(null);
    }
    switch (state) {
      case ExchangeState.Held _, ExchangeState.Connecting _, ExchangeState.BackingOff _ -> {
        owedDownstream += size;
        data.release();
      }
      case ExchangeState.AwaitingResponse awaiting -> {
        awaiting.upstream().writeData(data, end);
        body.forgetBeyondBound();
        credit(awaiting.upstream(), size);
      }
      case ExchangeState.Responding responding -> {
        responding.upstream().writeData(data, end);
        credit(responding.upstream(), size);
      }
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
    switch (state) {
      case ExchangeState.AwaitingResponse awaiting -> awaiting.upstream().writeTrailers(trailers);
      case ExchangeState.Responding responding -> responding.upstream().writeTrailers(trailers);
      case ExchangeState.Held _,
          ExchangeState.Connecting _,
          ExchangeState.BackingOff _,
          ExchangeState.Routing _,
          ExchangeState.Tunnelling _,
          ExchangeState.Done _,
          ExchangeState.Failed _ -> {}
    }
    requestIsComplete();
  }

  public void downstreamWritable() {
    if (owedUpstream > 0
        && state instanceof ExchangeState.Responding(Attempt _, UpstreamStream upstream)
        && downstream.writable()) {
      int bytes = owedUpstream;
      owedUpstream = 0;
      deadlines.progress(DeadlineTimer.now());
      upstream.consumed(bytes);
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
    giveUpAttempt(Outcome.NEUTRAL);
    fail(why);
  }

  /** Answers instead of the server, when the connection found the request's body malformed. */
  public void refuse(int refusedStatus, ResponseFlag why, String reason) {
    if (isOver()) {
      return;
    }
    giveUpAttempt(Outcome.NEUTRAL);
    if (answerBegun()) {
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
    return answerBegun();
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
      case ROUTE -> {
        timeout(
            504,
            ResponseFlag.UPSTREAM_TIMEOUT,
            "no complete answer within the route's timeout of " + deadlines.routeText());
        return DeadlineTimer.NONE;
      }
      case IDLE -> {
        timeout(
            requestEnded ? 504 : 408,
            ResponseFlag.STREAM_IDLE_TIMEOUT,
            "no progress within the stream's idle timeout of " + deadlines.idleText());
        return DeadlineTimer.NONE;
      }
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
    if (state instanceof ExchangeState.BackingOff(UpstreamFailure failure, long until)) {
      Cluster chosen = cluster;
      if (now < until || chosen == null) {
        return Math.min(next, until);
      }
      attemptAgain(useNewest(chosen), failure);
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

  private void mutate(List<HeaderMutation> changes, HttpHeaders headers) {
    HeaderMutator.apply(changes, headers, request, context(), scope.protocol());
  }

  private void forward(RouteAction.Forward forward) {
    ProxyConfiguration current = configuration;
    if (current == null) {
      throw new IllegalStateException("forward before start");
    }
    WeightedCluster choice = WeightedChoice.choose(forward.clusters(), services.random());
    if (choice == null) {
      reply(
          503,
          ResponseFlag.NO_HEALTHY_ENDPOINT,
          "all backends have weight 0, so that no backend may get this request");
      return;
    }
    Cluster chosen = current.cluster(choice.cluster());
    if (chosen == null) {
      reply(503, ResponseFlag.NO_CLUSTER, "no cluster " + choice.cluster());
      return;
    }
    cluster = chosen;
    mutations = choice.headers().then(mutations);
    if (!mutations.request().isEmpty()) {
      mutate(mutations.request(), request.headers());
    }
    if (trace != null) {
      trace.inject();
    }
    if (forward.rewrite() != null) {
      try {
        outgoing = RequestRewriter.rewrite(forward.rewrite(), request);
      } catch (MalformedMessageException e) {
        reply(400, ResponseFlag.NO_ROUTE, "the route's rewrite is refused: " + e.reason());
        return;
      }
    }
    if (chosen.loadBalancing().hashes() && !forward.hashPolicies().isEmpty()) {
      hash(forward.hashPolicies());
    }
    PickedEndpoint picked = pick(chosen);
    if (picked == null) {
      reply(503, ResponseFlag.NO_HEALTHY_ENDPOINT, "no healthy endpoint of " + chosen.name());
      return;
    }
    if (!picked.breaker().tryRequest(chosen.limits())) {
      picked.finished(-1, Outcome.NEUTRAL);
      reply(503, ResponseFlag.UPSTREAM_OVERFLOW, "too many requests to " + chosen.name());
      return;
    }
    breaker = picked.breaker();
    ExchangeServices.ClusterLoad clusterLoad = services.load(chosen.name());
    clusterLoad.requests++;
    clusterLoad.retries.request(startNanos);
    load = clusterLoad;
    retryPolicy = forward.retries();
    deadlines.route(forward.timeout().toNanos(), retryPolicy.tryTimeout().toNanos());
    if (forward.idleTimeout() != null) {
      deadlines.idle(forward.idleTimeout().toNanos());
      scope.timer().ensure(deadlines.next());
    }
    if (!forward.mirrors().isEmpty()) {
      mirror(forward, current);
    }
    if (requestEnded) {
      requestIsComplete();
    }
    attempt(picked, false);
  }

  private void hash(List<HashPolicy> policies) {
    cookie = StickyCookie.create(policies, request, services.random());
    hash = RequestHash.of(policies, request, context().source(), StickyCookie.value(cookie));
  }

  private void mirror(RouteAction.Forward forward, ProxyConfiguration current) {
    MirroredBody copy = MirroredBody.of(forward.mirrors(), outgoing, current, services);
    if (copy != null) {
      body.copyTo(copy);
      mirrored = copy;
    }
  }

  private void sendMirrors() {
    MirroredBody copy = mirrored;
    ProxyConfiguration current = configuration;
    if (copy != null && current != null) {
      mirrored = null;
      copy.send(
          services.mirror(),
          new RequestMirror.Origin(
              current,
              scope.protocol(),
              context().originalDestination(),
              isInbound(),
              deadlines.routeNanos()),
          body.trailers());
    }
  }

  private @Nullable PickedEndpoint pick(Cluster chosen) {
    ProxyConfiguration current = configuration;
    if (current == null) {
      throw new IllegalStateException("attempt before start");
    }
    Retries tried = retries;
    return services
        .upstreams()
        .pick(
            current,
            chosen,
            context().originalDestination(),
            tried == null ? Set.of() : tried.avoid(),
            hash);
  }

  private void attemptFresh(Cluster chosen, UpstreamFailure before) {
    PickedEndpoint picked = pick(chosen);
    if (picked == null) {
      replyTo(before);
    } else {
      attempt(picked, true);
    }
  }

  private void attempt(PickedEndpoint picked, boolean fresh) {
    lastPicked = picked;
    attempts++;
    AttemptSpan span =
        trace == null
            ? null
            : trace.attempt(picked.cluster().name(), picked.endpoint().address(), attempts);
    Attempt attempt =
        new Attempt(
            this, picked, upstreamProtocol(picked.cluster()), fresh, DeadlineTimer.now(), span);
    state = new ExchangeState.Connecting(attempt);
    services.source().open(attempt);
  }

  private HttpProtocol upstreamProtocol(Cluster chosen) {
    if (request.webSocket()) {
      return HttpProtocol.HTTP1;
    }
    return HttpProtocol.upstream(chosen.protocol(), scope.protocol());
  }

  void connected(Attempt attempt, UpstreamStream stream) {
    state = new ExchangeState.AwaitingResponse(attempt, stream);
    deadlines.progress(DeadlineTimer.now());
    HttpHeaders headers = request.headers();
    if (attempt.picked().tls() != null && !services.sourceHeader().isEmpty() && !isInbound()) {
      headers.set(HeaderNames.HEDDLE_SOURCE, services.sourceHeader());
    } else if (attempts > 1) {
      headers.remove(HeaderNames.HEDDLE_SOURCE);
    }
    attempt.traceRequest();
    boolean end = body.ended() && body.empty();
    stream.writeHead(outgoing, end);
    if (!end) {
      body.writeTo(stream);
    }
    if (requestEnded) {
      if (retries != null && !retries.leftOrFresh()) {
        body.forget();
      }
      attemptSent();
    }
    credit(stream, 0);
  }

  private void attemptSent() {
    long deadline = deadlines.attemptSent();
    if (deadline != DeadlineTimer.NONE) {
      scope.timer().ensure(deadline);
    }
  }

  void attemptFailed(Attempt attempt, UpstreamFailure failure) {
    deadlines.attemptOver();
    attempt.traceFailure(failure);
    if (answerBegun()) {
      attempt.close(failure.outcome());
      detail = failure.reason();
      abort(failure.flag());
      return;
    }
    Cluster chosen = cluster;
    if (chosen == null || !body.repeatable()) {
      attempt.close(failure.outcome());
      replyTo(failure);
      return;
    }
    switch (RetryDecision.of(failure, retryPolicy.on(), request.idempotent(), isInbound())) {
      case NO -> {
        attempt.close(failure.outcome());
        replyTo(failure);
      }
      case FRESH_CONNECTION -> {
        attempt.close(Outcome.NEUTRAL);
        if (retries().takeFreshConnection()) {
          attemptFresh(chosen, failure);
        } else {
          retryElsewhere(chosen, attempt, failure);
        }
      }
      case ELSEWHERE -> {
        attempt.close(failure.outcome());
        retryElsewhere(chosen, attempt, failure);
      }
    }
  }

  private Retries retries() {
    Retries tried = retries;
    if (tried == null) {
      ExchangeServices.ClusterLoad clusterLoad = load;
      if (clusterLoad == null) {
        throw new IllegalStateException("retry before an attempt");
      }
      tried = new Retries(retryPolicy, clusterLoad.retries);
      retries = tried;
    }
    return tried;
  }

  private boolean takeRetry(Attempt attempt, boolean unprocessed) {
    return retries().left()
        && retryAllowed(attempt.picked().cluster())
        && retries().take(DeadlineTimer.now(), unprocessed, attempt.picked().endpoint().address());
  }

  private void retryElsewhere(Cluster chosen, Attempt attempt, UpstreamFailure failure) {
    if (takeRetry(attempt, failure.unprocessed())) {
      sendElsewhere(chosen, failure);
    } else {
      replyTo(failure);
    }
  }

  private void sendElsewhere(Cluster chosen, UpstreamFailure failure) {
    PickedEndpoint picked = pick(useNewest(chosen));
    if (picked != null && !retries().avoid().contains(picked.endpoint().address())) {
      attempt(picked, false);
      return;
    }
    if (picked != null) {
      picked.finished(-1, Outcome.NEUTRAL);
    }
    backOff(failure);
  }

  /** By the cluster's limits; counted once, for as long as the request goes on. */
  private boolean retryAllowed(Cluster chosen) {
    CircuitBreaker counting = breaker;
    if (!countedAsRetry && counting != null) {
      countedAsRetry = counting.tryRetry(chosen.limits());
    }
    return countedAsRetry;
  }

  /** After a wait: to a new endpoint if there is one, else to one that may be back. */
  private void attemptAgain(Cluster chosen, UpstreamFailure failure) {
    PickedEndpoint picked = pick(chosen);
    if (picked != null) {
      attempt(picked, false);
    } else if (retries().takeInVain()) {
      backOff(failure);
    } else {
      replyTo(failure);
    }
  }

  private void backOff(UpstreamFailure failure) {
    long until = DeadlineTimer.now() + retries().waitNanos(services.random());
    state = new ExchangeState.BackingOff(failure, until);
    scope.timer().ensure(until);
  }

  /** The cluster as it is now: its endpoints may have changed since the request came. */
  private Cluster useNewest(Cluster chosen) {
    ProxyConfiguration newest = services.configuration().current();
    Cluster now = newest.cluster(chosen.name());
    if (now == null) {
      return chosen;
    }
    configuration = newest;
    cluster = now;
    return now;
  }

  // ---- from the server ----

  void informational(ResponseHead head) {
    deadlines.progress(DeadlineTimer.now());
    downstream.writeInformational(head);
  }

  void responseHead(Attempt attempt, ResponseHead head, boolean end) {
    UpstreamStream upstream = upstream();
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
    if (asksForAnother(head) && retryAnswer(attempt, upstream, head.code(), end)) {
      return;
    }
    deadlines.attemptOver();
    attempt.answered(now);
    body.forget();
    status = head.code();
    if (cookie != null) {
      head.headers().add(HeaderNames.SET_COOKIE, cookie);
    }
    if (!mutations.response().isEmpty()) {
      mutate(mutations.response(), head.headers());
    }
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

  /** Whether the route does not want the client to see this answer. */
  private boolean asksForAnother(ResponseHead head) {
    if (retryPolicy.retries() == 0) {
      return false;
    }
    RetryOn on = retryPolicy.on();
    return on.status(head.code()) || (request.grpc() && on.grpcStatus(Grpc.status(head.headers())));
  }

  private boolean retryAnswer(Attempt attempt, UpstreamStream upstream, int code, boolean end) {
    Cluster chosen = cluster;
    if (chosen == null || !body.repeatable() || !takeRetry(attempt, false)) {
      return false;
    }
    deadlines.attemptOver();
    if (!end) {
      upstream.cancel();
    }
    attempt.close(Outcome.ofStatus(code));
    sendElsewhere(chosen, new UpstreamFailure.Answered(code));
    return true;
  }

  void responseData(ByteBuf data) {
    int size = data.readableBytes();
    responseBytes += size;
    deadlines.progress(DeadlineTimer.now());
    UpstreamStream upstream = upstream();
    downstream.writeData(data, false);
    if (upstream == null) {
      return;
    }
    if (downstream.writable()) {
      int bytes = owedUpstream + size;
      owedUpstream = 0;
      upstream.consumed(bytes);
    } else {
      owedUpstream += size;
    }
  }

  void responseEnd(@Nullable HttpHeaders trailers) {
    if (state instanceof ExchangeState.Responding(Attempt attempt, UpstreamStream _)) {
      if (trailers == null || trailers.isEmpty()) {
        downstream.writeData(Unpooled.EMPTY_BUFFER, true);
      } else {
        if (request.grpc()) {
          grpcStatus = Grpc.status(trailers);
        }
        downstream.writeTrailers(trailers);
      }
      complete(attempt);
    }
  }

  void upstreamWritable() {
    UpstreamStream upstream = upstream();
    if (upstream != null) {
      credit(upstream, 0);
    }
  }

  // ---- ends ----

  private void complete(Attempt attempt) {
    UpstreamStream upstream = upstream();
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

  private void timeout(int timeoutStatus, ResponseFlag why, String reason) {
    giveUpAttempt(why == ResponseFlag.UPSTREAM_TIMEOUT ? Outcome.TIMEOUT : Outcome.NEUTRAL);
    if (answerBegun()) {
      detail = reason;
      abort(why);
    } else {
      reply(timeoutStatus, why, reason);
    }
  }

  private void replyTo(UpstreamFailure failure) {
    int code =
        switch (failure) {
          case UpstreamFailure.Malformed _ -> 502;
          case UpstreamFailure.TryTimeout _ -> 504;
          case UpstreamFailure.Answered answered -> answered.status();
          case UpstreamFailure.NotConnected _,
              UpstreamFailure.NotProcessed _,
              UpstreamFailure.Undelivered _,
              UpstreamFailure.Closed _,
              UpstreamFailure.Reset _,
              UpstreamFailure.Overflow _ ->
              503;
        };
    flag = failure.flag();
    finishLocally(new LocalReply(code, failure.flag(), failure.reason()), undelivered(failure));
  }

  /** Whether the client's proxy may be told that the application never got the request. */
  private boolean undelivered(UpstreamFailure failure) {
    if (!context().mutualTls() || !isInbound()) {
      return false;
    }
    return switch (failure) {
      case UpstreamFailure.NotConnected _,
          UpstreamFailure.NotProcessed _,
          UpstreamFailure.Overflow _ ->
          true;
      case UpstreamFailure.Closed closed -> !closed.written();
      case UpstreamFailure.Undelivered _,
          UpstreamFailure.Reset _,
          UpstreamFailure.Malformed _,
          UpstreamFailure.TryTimeout _,
          UpstreamFailure.Answered _ ->
          false;
    };
  }

  private void reply(int code, ResponseFlag why, String reason) {
    flag = why;
    finishLocally(new LocalReply(code, why, reason), false);
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
  private void abort(ResponseFlag why) {
    state = new ExchangeState.Failed(why);
    downstream.abort();
    fail(why);
  }

  private void fail(ResponseFlag why) {
    flag = why;
    finish(new ExchangeState.Failed(why));
  }

  private void finish(ExchangeState last) {
    state = last;
    body.forget();
    if (mirrored != null) {
      mirrored.discard();
      mirrored = null;
    }
    ExchangeServices.ClusterLoad clusterLoad = load;
    if (clusterLoad != null) {
      clusterLoad.requests--;
    }
    CircuitBreaker counting = breaker;
    if (counting != null) {
      counting.requestEnded();
      if (countedAsRetry) {
        counting.retryEnded();
      }
    }
    report();
    downstream.finished();
  }

  private void report() {
    PickedEndpoint picked = lastPicked;
    Workload peer;
    if (isInbound()) {
      peer = scope.caller(request.meshSource());
    } else {
      Workload workload = picked == null ? null : picked.endpoint().workload();
      peer = workload == null ? Workload.UNKNOWN : workload;
    }
    Cluster chosen = cluster;
    RequestReport report =
        new RequestReport(
            context(),
            scope.protocol(),
            request.grpc(),
            request.method(),
            request.authority(),
            request.path(),
            status,
            grpcStatus,
            flag,
            chosen == null ? null : chosen.destination(),
            peer,
            picked == null ? null : picked.endpoint().address(),
            picked != null && picked.tls() != null,
            requestBytes,
            responseBytes,
            startEpochMillis,
            DeadlineTimer.now() - startNanos,
            attempts,
            detail);
    services.observer().requestFinished(report);
    if (trace != null) {
      trace.finished(report, chosen == null ? null : chosen.name());
    }
  }

  private void giveUpAttempt(Outcome outcome) {
    switch (state) {
      case ExchangeState.Connecting(Attempt attempt) -> attempt.close(outcome);
      case ExchangeState.AwaitingResponse(Attempt attempt, UpstreamStream upstream) -> {
        attempt.close(outcome);
        upstream.cancel();
      }
      case ExchangeState.Responding(Attempt attempt, UpstreamStream upstream) -> {
        attempt.close(outcome);
        upstream.cancel();
      }
      case ExchangeState.Routing _,
          ExchangeState.Held _,
          ExchangeState.BackingOff _,
          ExchangeState.Tunnelling _,
          ExchangeState.Done _,
          ExchangeState.Failed _ -> {}
    }
  }

  private boolean answerBegun() {
    return state instanceof ExchangeState.Responding;
  }

  private @Nullable UpstreamStream upstream() {
    return switch (state) {
      case ExchangeState.AwaitingResponse(Attempt _, UpstreamStream upstream) -> upstream;
      case ExchangeState.Responding(Attempt _, UpstreamStream upstream) -> upstream;
      case ExchangeState.Routing _,
          ExchangeState.Held _,
          ExchangeState.Connecting _,
          ExchangeState.BackingOff _,
          ExchangeState.Tunnelling _,
          ExchangeState.Done _,
          ExchangeState.Failed _ ->
          null;
    };
  }

  private void credit(UpstreamStream upstream, int bytes) {
    owedDownstream += bytes;
    if (owedDownstream > 0 && upstream.writable()) {
      int owed = owedDownstream;
      owedDownstream = 0;
      downstream.consumed(owed);
    }
  }

  private void requestIsComplete() {
    requestEnded = true;
    sendMirrors();
    long deadline = deadlines.requestEnded();
    if (deadline != DeadlineTimer.NONE) {
      scope.timer().ensure(deadline);
    }
    if (state instanceof ExchangeState.AwaitingResponse) {
      attemptSent();
    }
  }

  private boolean isInbound() {
    return context().direction() == TrafficDirection.INBOUND;
  }

  private ConnectionContext context() {
    return scope.context();
  }
}
