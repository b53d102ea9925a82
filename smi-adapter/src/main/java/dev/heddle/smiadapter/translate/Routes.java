package dev.heddle.smiadapter.translate;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import dev.heddle.smiadapter.resources.Packing;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import java.util.List;
import java.util.stream.Stream;

/** Makes HTTP routes. */
final class Routes {

  private static final int SERVICE_UNAVAILABLE = 503;

  /** How long a request may take is for the apps to say. */
  private static final Duration NO_TIMEOUT = Duration.getDefaultInstance();

  /**
   * Only what certainly never reached an app, and then elsewhere: safe for any method. Where there
   * is no other endpoint, the waits add up to a third of a second on average: longer than the news
   * of an endpoint that has just been replaced takes.
   */
  private static final RetryPolicy UNDELIVERED =
      RetryPolicy.newBuilder()
          .setRetryOn("connect-failure,refused-stream")
          .setNumRetries(UInt32Value.of(5))
          .setRetryBackOff(
              RetryPolicy.RetryBackOff.newBuilder()
                  .setBaseInterval(milliseconds(25))
                  .setMaxInterval(milliseconds(250)))
          .addRetryHostPredicate(
              RetryPolicy.RetryHostPredicate.newBuilder()
                  .setName("envoy.retry_host_predicates.previous_hosts")
                  .setTypedConfig(Packing.pack(PreviousHostsPredicate.getDefaultInstance())))
          .setHostSelectionRetryMaxAttempts(3)
          .build();

  private static final RouteMatch EVERYTHING = RouteMatch.newBuilder().setPrefix("/").build();

  private Routes() {}

  private static Duration milliseconds(int count) {
    return Duration.newBuilder().setNanos(count * 1_000_000).build();
  }

  /** Routes by a plan for the service whose own cluster bears the name. */
  static RouteConfiguration planned(String name, TrafficPlan plan) {
    return planned(name, action().setCluster(name), plan);
  }

  /** Routes by a plan for a service of which the sender has chosen the endpoint of this cluster. */
  static RouteConfiguration plannedForEndpoint(String cluster, TrafficPlan plan) {
    return planned(
        cluster, RouteAction.newBuilder().setTimeout(NO_TIMEOUT).setCluster(cluster), plan);
  }

  private static RouteConfiguration planned(
      String name, RouteAction.Builder own, TrafficPlan plan) {
    VirtualHost.Builder host = VirtualHost.newBuilder().setName(name).addDomains("*");
    routes(own, plan, List.of(EVERYTHING)).forEach(host::addRoutes);
    return RouteConfiguration.newBuilder().setName(name).addVirtualHosts(host).build();
  }

  /** The routes of a plan for requests that match any of these. */
  private static Stream<Route> routes(
      RouteAction.Builder own, TrafficPlan plan, List<RouteMatch> matches) {
    return switch (plan) {
      case TrafficPlan.Unsplit() -> each(matches, Route.newBuilder().setRoute(own));
      case TrafficPlan.Shared(var shares) -> {
        WeightedCluster.Builder clusters = WeightedCluster.newBuilder();
        for (TrafficPlan.Share share : shares) {
          clusters.addClusters(
              WeightedCluster.ClusterWeight.newBuilder()
                  .setName(share.cluster())
                  .setWeight(UInt32Value.of((int) share.weight())));
        }
        yield each(matches, Route.newBuilder().setRoute(action().setWeightedClusters(clusters)));
      }
      case TrafficPlan.Nowhere(String reason) ->
          each(
              matches,
              Route.newBuilder()
                  .setDirectResponse(
                      DirectResponseAction.newBuilder()
                          .setStatus(SERVICE_UNAVAILABLE)
                          .setBody(DataSource.newBuilder().setInlineString(reason + "\n"))));
      case TrafficPlan.Conditional(var conditions, TrafficPlan matching) ->
          Stream.concat(
              routes(own, matching, conditions.stream().map(RequestConditions::route).toList()),
              each(matches, Route.newBuilder().setRoute(own)));
    };
  }

  private static Stream<Route> each(List<RouteMatch> matches, Route.Builder route) {
    return matches.stream().map(match -> route.clone().setMatch(match).build());
  }

  /** Routes everything to one cluster that has but one endpoint. */
  static RouteConfiguration toOnlyEndpoint(String name, String cluster) {
    return configuration(
        name,
        everything().setRoute(RouteAction.newBuilder().setTimeout(NO_TIMEOUT).setCluster(cluster)));
  }

  private static RouteConfiguration configuration(String name, Route.Builder route) {
    return RouteConfiguration.newBuilder()
        .setName(name)
        .addVirtualHosts(VirtualHost.newBuilder().setName(name).addDomains("*").addRoutes(route))
        .build();
  }

  private static Route.Builder everything() {
    return Route.newBuilder().setMatch(EVERYTHING);
  }

  private static RouteAction.Builder action() {
    return RouteAction.newBuilder().setTimeout(NO_TIMEOUT).setRetryPolicy(UNDELIVERED);
  }
}
