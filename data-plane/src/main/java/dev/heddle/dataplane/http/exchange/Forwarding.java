package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.HashPolicy;
import dev.heddle.dataplane.config.HeaderMutation;
import dev.heddle.dataplane.config.HeaderMutations;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RetryOn;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.RequestRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.HttpProtocol;
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
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of one request to its cluster: as what it is sent on, which endpoint gets it, what it
 * counts for against the cluster's limits. What follows on a failure is up to {@link Retries}.
 */
final class Forwarding {
  private final ExchangeServices services;
  private final ConnectionScope scope;
  private final RequestHead request;
  private final Route route;
  private final HeaderMutations mutations;
  private final RetryPolicy policy;
  private ProxyConfiguration configuration;
  private WeightedCluster choice;
  private Cluster cluster;
  private RequestHead outgoing;
  private long hash;
  private @Nullable String cookie;

  private ExchangeServices.@Nullable ClusterLoad load;
  private @Nullable CircuitBreaker breaker;
  private boolean countedAsRetry;

  private @Nullable PickedEndpoint lastPicked;
  private int attempts;
  private @Nullable Retries retries;

  /**
   * Begins.
   *
   * @param request as it came in
   * @param configuration that has the cluster
   * @param route which sends the request on
   * @param choice of the cluster, by the route
   */
  Forwarding(
      ExchangeServices services,
      ConnectionScope scope,
      RequestHead request,
      ProxyConfiguration configuration,
      Cluster cluster,
      Route route,
      WeightedCluster choice,
      RetryPolicy policy) {
    this.services = services;
    this.scope = scope;
    this.request = request;
    this.outgoing = request;
    this.configuration = configuration;
    this.cluster = cluster;
    this.route = route;
    this.choice = choice;
    this.mutations = choice.headers().then(route.headers());
    this.policy = policy;
  }

  // ---- what others see of the request and its answer ----

  /** Changes the request's headers as the route says. */
  void mutateRequest() {
    if (!mutations.request().isEmpty()) {
      mutate(mutations.request(), request.headers());
    }
  }

  /**
   * Changes the request's target as the route says.
   *
   * @throws MalformedMessageException if that makes no valid request
   */
  void rewrite(RequestRewrite rewrite) throws MalformedMessageException {
    outgoing = RequestRewriter.rewrite(rewrite, request);
  }

  /** Tells a proxy of the mesh, and nobody else, which workload calls. */
  void tellSource(PickedEndpoint picked) {
    HttpHeaders headers = request.headers();
    if (picked.tls() != null && !services.sourceHeader().isEmpty() && !scope.inbound()) {
      headers.set(HeaderNames.HEDDLE_SOURCE, services.sourceHeader());
    } else if (attempts > 1) {
      headers.remove(HeaderNames.HEDDLE_SOURCE);
    }
  }

  /** The request as it is sent on. */
  RequestHead outgoing() {
    return outgoing;
  }

  /** Changes the answer's headers as the route says. */
  void mutateResponse(HttpHeaders headers) {
    if (cookie != null) {
      headers.add(HeaderNames.SET_COOKIE, cookie);
    }
    if (!mutations.response().isEmpty()) {
      mutate(mutations.response(), headers);
    }
  }

  private void mutate(List<HeaderMutation> changes, HttpHeaders headers) {
    HeaderMutator.apply(changes, headers, request, scope.context(), scope.protocol());
  }

  // ---- choosing an endpoint ----

  /** By which parts of the request its endpoint is chosen, if the cluster asks for it. */
  void hash(List<HashPolicy> policies) {
    if (cluster.loadBalancing().hashes() && !policies.isEmpty()) {
      cookie = StickyCookie.create(policies, request, services.random());
      hash =
          RequestHash.of(policies, request, scope.context().source(), StickyCookie.value(cookie));
    }
  }

  /** An endpoint, if there is one, rather one that was not tried yet. Its load counts from now. */
  @Nullable PickedEndpoint pick() {
    Retries tried = retries;
    PickedEndpoint picked =
        services
            .upstreams()
            .pick(
                configuration,
                cluster,
                scope.context().originalDestination(),
                tried == null ? Set.of() : tried.avoid(),
                hash);
    return picked == null || tried == null || counted(picked) ? picked : null;
  }

  /**
   * Counts another attempt against the limits of its cluster, which may be another than before.
   *
   * @param picked given back if there are too many
   */
  private boolean counted(PickedEndpoint picked) {
    if (services.load(cluster.name()) == load) {
      return true;
    }
    ended();
    if (!admit(picked, DeadlineTimer.now())) {
      return false;
    }
    if (!countAsRetry(cluster)) {
      picked.finished(-1, Outcome.NEUTRAL);
      return false;
    }
    return true;
  }

  /**
   * Counts the request against the cluster's limits, until {@link #ended}.
   *
   * @param first the endpoint it would be sent to; given back if not
   * @return false if there are too many
   */
  boolean admit(PickedEndpoint first, long now) {
    if (!first.breaker().tryRequest(cluster.limits())) {
      first.finished(-1, Outcome.NEUTRAL);
      return false;
    }
    breaker = first.breaker();
    ExchangeServices.ClusterLoad counted = services.load(cluster.name());
    counted.requests++;
    counted.retries.request(now);
    load = counted;
    return true;
  }

  /**
   * An attempt begins.
   *
   * @return its number, from 1
   */
  int begin(PickedEndpoint picked) {
    lastPicked = picked;
    return ++attempts;
  }

  /** What is spoken to the endpoint. */
  HttpProtocol protocol(PickedEndpoint picked) {
    return request.webSocket()
        ? HttpProtocol.HTTP1
        : HttpProtocol.upstream(picked.cluster().protocol(), scope.protocol());
  }

  // ---- trying again ----

  /** Whether nothing is left to try after the attempt under way. */
  boolean lastTry() {
    return retries != null && !retries.leftOrFresh();
  }

  /** Whether the request may be sent again after this failure. */
  RetryDecision decide(UpstreamFailure failure) {
    return RetryDecision.of(failure, policy.on(), request.idempotent(), scope.inbound());
  }

  /** Whether the route does not want the client to see this answer. */
  boolean asksForAnother(ResponseHead head) {
    if (policy.retries() == 0) {
      return false;
    }
    RetryOn on = policy.on();
    return on.status(head.code()) || (request.grpc() && on.grpcStatus(Grpc.status(head.headers())));
  }

  /** False beyond the cluster's limits; counted once, for as long as the request goes on. */
  boolean countAsRetry(Cluster chosen) {
    CircuitBreaker counting = breaker;
    if (!countedAsRetry && counting != null) {
      countedAsRetry = counting.tryRetry(chosen.limits());
    }
    return countedAsRetry;
  }

  /** After an attempt that brought nothing. */
  Retries retries() {
    Retries tried = retries;
    if (tried == null) {
      ExchangeServices.ClusterLoad counted = load;
      if (counted == null) {
        throw new IllegalStateException("retry before an attempt");
      }
      tried = new Retries(this, policy, counted.retries, services.random());
      retries = tried;
    }
    return tried;
  }

  /**
   * Takes the cluster as it is now: its endpoints may have changed since the request came, and the
   * route may not send anything to it any more.
   */
  void useNewest() {
    ProxyConfiguration newest = services.configuration().current();
    if (newest.version() == configuration.version()) {
      return;
    }
    WeightedCluster chosen = chosen(newest);
    Cluster now = newest.cluster(chosen.cluster());
    if (now != null) {
      configuration = newest;
      choice = chosen;
      cluster = now;
    }
  }

  /** By the same route, if it is still there. */
  private WeightedCluster chosen(ProxyConfiguration newest) {
    RouteConfiguration routes = scope.routes(newest);
    Route now = routes == null ? null : Router.route(routes, request);
    return now != null
            && now.match().equals(route.match())
            && now.action() instanceof RouteAction.Forward forward
        ? WeightedChoice.again(choice, forward.clusters(), services.random())
        : choice;
  }

  // ---- the end, and what is told of it ----

  /** The request no longer counts against the cluster's limits. */
  void ended() {
    ExchangeServices.ClusterLoad counted = load;
    if (counted != null) {
      counted.requests--;
      load = null;
    }
    CircuitBreaker counting = breaker;
    if (counting != null) {
      counting.requestEnded();
      if (countedAsRetry) {
        counting.retryEnded();
        countedAsRetry = false;
      }
      breaker = null;
    }
  }

  /**
   * For copies.
   *
   * @param timeoutNanos of the route; 0 for none
   */
  RequestMirror.Origin origin(long timeoutNanos) {
    return new RequestMirror.Origin(
        configuration,
        scope.protocol(),
        scope.context().originalDestination(),
        scope.inbound(),
        timeoutNanos);
  }

  Cluster cluster() {
    return cluster;
  }

  /** So far. */
  int attempts() {
    return attempts;
  }

  /** The endpoint of the last attempt; null before the first. */
  @Nullable PickedEndpoint lastPicked() {
    return lastPicked;
  }

  /** Who was asked last, as far as that is known. */
  Workload server() {
    PickedEndpoint picked = lastPicked;
    Workload workload = picked == null ? null : picked.endpoint().workload();
    return workload == null ? Workload.UNKNOWN : workload;
  }
}
