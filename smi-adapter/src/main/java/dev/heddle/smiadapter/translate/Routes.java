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

  private Routes() {}

  private static Duration milliseconds(int count) {
    return Duration.newBuilder().setNanos(count * 1_000_000).build();
  }

  /** Routes by a plan for the service whose own cluster bears the name. */
  static RouteConfiguration planned(String name, TrafficPlan plan) {
    return switch (plan) {
      case TrafficPlan.Unsplit() -> toCluster(name, name);
      case TrafficPlan.Shared(var shares) -> {
        WeightedCluster.Builder clusters = WeightedCluster.newBuilder();
        for (TrafficPlan.Share share : shares) {
          clusters.addClusters(
              WeightedCluster.ClusterWeight.newBuilder()
                  .setName(share.cluster())
                  .setWeight(UInt32Value.of((int) share.weight())));
        }
        yield configuration(name, everything().setRoute(action().setWeightedClusters(clusters)));
      }
      case TrafficPlan.Nowhere(String reason) ->
          configuration(
              name,
              everything()
                  .setDirectResponse(
                      DirectResponseAction.newBuilder()
                          .setStatus(SERVICE_UNAVAILABLE)
                          .setBody(DataSource.newBuilder().setInlineString(reason + "\n"))));
    };
  }

  /** Routes everything to one cluster, and elsewhere in it what one endpoint did not take. */
  static RouteConfiguration toCluster(String name, String cluster) {
    return configuration(name, everything().setRoute(action().setCluster(cluster)));
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
    return Route.newBuilder().setMatch(RouteMatch.newBuilder().setPrefix("/"));
  }

  private static RouteAction.Builder action() {
    return RouteAction.newBuilder().setTimeout(NO_TIMEOUT).setRetryPolicy(UNDELIVERED);
  }
}
