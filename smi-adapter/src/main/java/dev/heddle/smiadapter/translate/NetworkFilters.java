package dev.heddle.smiadapter.translate;

import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import dev.heddle.smiadapter.resources.Packing;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.List;

/**
 * Makes the filters at the end of a chain. They leave messages as they are: apps see what they
 * would see without the mesh.
 */
final class NetworkFilters {

  /** How long a connection may be idle is for the apps to say. */
  private static final Duration NEVER = Duration.getDefaultInstance();

  private NetworkFilters() {}

  /** HTTP, by routes that are asked for by name. */
  static Filter http(String statPrefix, String routes) {
    return http(
        connectionManager(statPrefix, List.of())
            .setRds(Rds.newBuilder().setConfigSource(Clusters.ADS).setRouteConfigName(routes)));
  }

  /** HTTP, by the routes given, after the filters given. */
  static Filter http(String statPrefix, RouteConfiguration routes, List<HttpFilter> filters) {
    return http(connectionManager(statPrefix, filters).setRouteConfig(routes));
  }

  /** Bytes to one cluster. */
  static Filter tcp(String statPrefix, String cluster) {
    return tcp(tcpProxy(statPrefix).setCluster(cluster));
  }

  /** Bytes by a plan for the service whose own cluster is given. */
  static Filter tcp(String statPrefix, String cluster, TrafficPlan plan) {
    return switch (plan) {
      case TrafficPlan.Unsplit() -> tcp(statPrefix, cluster);
      // Bytes fulfil no condition on requests.
      case TrafficPlan.Conditional(var conditions, TrafficPlan matching) ->
          tcp(statPrefix, cluster);
      case TrafficPlan.Nowhere(String reason) -> tcp(statPrefix, ResourceNames.NO_BACKEND);
      case TrafficPlan.Shared(var shares) -> {
        TcpProxy.WeightedCluster.Builder clusters = TcpProxy.WeightedCluster.newBuilder();
        // Envoy refuses a weight of 0 here.
        shares.stream()
            .filter(share -> share.weight() > 0)
            .forEach(share ->
                clusters.addClusters(
                    TcpProxy.WeightedCluster.ClusterWeight.newBuilder()
                        .setName(share.cluster())
                        .setWeight((int) share.weight())));
        yield tcp(tcpProxy(statPrefix).setWeightedClusters(clusters));
      }
    };
  }

  private static Filter tcp(TcpProxy.Builder proxy) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.tcp_proxy")
        .setTypedConfig(Packing.pack(proxy.build()))
        .build();
  }

  private static TcpProxy.Builder tcpProxy(String statPrefix) {
    return TcpProxy.newBuilder().setStatPrefix(statPrefix).setIdleTimeout(NEVER);
  }

  private static Filter http(HttpConnectionManager.Builder manager) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.http_connection_manager")
        .setTypedConfig(Packing.pack(manager.build()))
        .build();
  }

  private static HttpConnectionManager.Builder connectionManager(
      String statPrefix, List<HttpFilter> filters) {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix(statPrefix)
        .setCodecType(HttpConnectionManager.CodecType.AUTO)
        .addAllHttpFilters(filters)
        .addHttpFilters(
            HttpFilter.newBuilder()
                .setName("envoy.filters.http.router")
                .setTypedConfig(
                    Packing.pack(Router.newBuilder().setSuppressEnvoyHeaders(true).build())))
        .setHttpProtocolOptions(Http1ProtocolOptions.newBuilder().setAcceptHttp10(true))
        .setStreamIdleTimeout(NEVER)
        .setServerHeaderTransformation(
            HttpConnectionManager.ServerHeaderTransformation.PASS_THROUGH)
        .setGenerateRequestId(BoolValue.of(false))
        .setSkipXffAppend(true)
        .addUpgradeConfigs(
            HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType("websocket"));
  }
}
