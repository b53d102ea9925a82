package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TerminalFilter.Codec;
import dev.heddle.dataplane.config.TerminalFilter.RouteSource;
import dev.heddle.dataplane.config.WeightedCluster;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The network filters that end a chain. Defaults of timeouts are Envoy's, but for one: headers have
 * to come in ten seconds.
 */
final class TerminalFilterTranslator {

  /** Envoy's is none, by which one client can hold a connection for ever with half a request. */
  private static final Duration DEFAULT_REQUEST_HEADERS_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);
  private static final Duration DEFAULT_STREAM_IDLE_TIMEOUT = Duration.ofMinutes(5);

  private TerminalFilterTranslator() {}

  static TerminalFilter.HttpConnectionManager http(HttpConnectionManager manager, FieldPath path) {
    path.allowOnly(
        manager,
        Set.of(
            "codec_type",
            "stat_prefix",
            "rds",
            "route_config",
            "http_filters",
            "common_http_protocol_options",
            "stream_idle_timeout",
            "request_headers_timeout",
            "server_header_transformation",
            "use_remote_address",
            "generate_request_id",
            "normalize_path",
            "forward_client_cert_details",
            "upgrade_configs",
            "tracing"),
        Set.of(
            "http_protocol_options",
            "http2_protocol_options",
            "internal_address_config",
            "skip_xff_append",
            "preserve_external_request_id",
            "delayed_close_timeout",
            "drain_timeout",
            "strip_any_host_port",
            "strip_matching_host_port"));
    if (manager.getServerHeaderTransformation() == ServerHeaderTransformation.UNRECOGNIZED
        || manager.getServerHeaderTransformation() == ServerHeaderTransformation.APPEND_IF_ABSENT) {
      throw path.field("server_header_transformation")
          .invalid(manager.getServerHeaderTransformation(), "PASS_THROUGH or not set");
    }
    if (manager.getForwardClientCertDetails() != ForwardClientCertDetails.SANITIZE) {
      throw path.field("forward_client_cert_details")
          .invalid(manager.getForwardClientCertDetails(), "SANITIZE");
    }
    Values.onlyFalse(
        manager.hasUseRemoteAddress(),
        manager.getUseRemoteAddress(),
        path.field("use_remote_address"));
    Values.onlyFalse(
        manager.hasGenerateRequestId(),
        manager.getGenerateRequestId(),
        path.field("generate_request_id"));
    Values.onlyTrue(
        manager.hasNormalizePath(), manager.getNormalizePath(), path.field("normalize_path"));
    for (int i = 0; i < manager.getUpgradeConfigsCount(); i++) {
      FieldPath at = path.element("upgrade_configs", i);
      at.allowOnly(manager.getUpgradeConfigs(i), Set.of("upgrade_type"));
      if (!manager
          .getUpgradeConfigs(i)
          .getUpgradeType()
          .toLowerCase(Locale.ROOT)
          .equals("websocket")) {
        throw at.field("upgrade_type")
            .invalid(manager.getUpgradeConfigs(i).getUpgradeType(), "websocket");
      }
    }
    return new TerminalFilter.HttpConnectionManager(
        manager.getStatPrefix(),
        codec(manager, path.field("codec_type")),
        routes(manager, path),
        HttpFilterTranslator.filters(manager, path),
        manager.hasRequestHeadersTimeout()
            ? Values.duration(
                manager.getRequestHeadersTimeout(), path.field("request_headers_timeout"))
            : DEFAULT_REQUEST_HEADERS_TIMEOUT,
        manager.hasStreamIdleTimeout()
            ? Values.duration(manager.getStreamIdleTimeout(), path.field("stream_idle_timeout"))
            : DEFAULT_STREAM_IDLE_TIMEOUT,
        idleTimeout(manager, path.field("common_http_protocol_options")),
        connectionLimits(manager, path),
        manager.hasTracing()
            ? TracingTranslator.tracing(manager.getTracing(), path.field("tracing"))
            : null);
  }

  private static Duration idleTimeout(HttpConnectionManager manager, FieldPath path) {
    path.allowOnly(
        manager.getCommonHttpProtocolOptions(),
        Set.of("idle_timeout", "max_connection_duration", "max_requests_per_connection"));
    return manager.getCommonHttpProtocolOptions().hasIdleTimeout()
        ? Values.duration(
            manager.getCommonHttpProtocolOptions().getIdleTimeout(), path.field("idle_timeout"))
        : DEFAULT_IDLE_TIMEOUT;
  }

  private static TerminalFilter.ConnectionLimits connectionLimits(
      HttpConnectionManager manager, FieldPath path) {
    HttpProtocolOptions common = manager.getCommonHttpProtocolOptions();
    FieldPath http2 = path.field("http2_protocol_options");
    return new TerminalFilter.ConnectionLimits(
        (int)
            Math.min(
                Integer.toUnsignedLong(common.getMaxRequestsPerConnection().getValue()),
                Integer.MAX_VALUE),
        Values.duration(
            common.getMaxConnectionDuration(),
            path.field("common_http_protocol_options").field("max_connection_duration")),
        manager.getHttp2ProtocolOptions().hasMaxConcurrentStreams()
            ? Values.atLeastOne(
                manager.getHttp2ProtocolOptions().getMaxConcurrentStreams(),
                http2.field("max_concurrent_streams"))
            : 0);
  }

  private static Codec codec(HttpConnectionManager manager, FieldPath path) {
    return switch (manager.getCodecType()) {
      case AUTO -> Codec.AUTO;
      case HTTP1 -> Codec.HTTP1;
      case HTTP2 -> Codec.HTTP2;
      case HTTP3, UNRECOGNIZED ->
          throw path.invalid(manager.getCodecType(), "AUTO, HTTP1 or HTTP2");
    };
  }

  private static RouteSource routes(HttpConnectionManager manager, FieldPath path) {
    return switch (manager.getRouteSpecifierCase()) {
      case RDS -> {
        Rds rds = manager.getRds();
        FieldPath at = path.field("rds");
        at.allowOnly(rds, Set.of("config_source", "route_config_name"));
        Values.aggregatedStream(
            rds.hasConfigSource(), rds.getConfigSource(), at.field("config_source"));
        if (rds.getRouteConfigName().isEmpty()) {
          throw at.field("route_config_name").invalid("\"\"", "a name");
        }
        yield new RouteSource.Named(rds.getRouteConfigName());
      }
      case ROUTE_CONFIG ->
          new RouteSource.Inline(
              RouteTranslator.configuration(manager.getRouteConfig(), path.field("route_config")));
      case SCOPED_ROUTES, ROUTESPECIFIER_NOT_SET ->
          throw path.invalid(manager.getRouteSpecifierCase(), "rds or route_config");
    };
  }

  static TerminalFilter.TcpProxy tcp(TcpProxy proxy, FieldPath path) {
    path.allowOnly(
        proxy,
        Set.of("stat_prefix", "cluster", "weighted_clusters", "idle_timeout", "hash_policy"),
        Set.of("max_connect_attempts"));
    List<WeightedCluster> clusters =
        switch (proxy.getClusterSpecifierCase()) {
          case CLUSTER -> List.of(new WeightedCluster(proxy.getCluster(), 1));
          case WEIGHTED_CLUSTERS ->
              weighted(proxy.getWeightedClusters(), path.field("weighted_clusters"));
          case CLUSTERSPECIFIER_NOT_SET ->
              throw path.invalid("no cluster", "cluster or weighted_clusters");
        };
    return new TerminalFilter.TcpProxy(
        proxy.getStatPrefix(),
        clusters,
        proxy.hasIdleTimeout()
            ? Values.duration(proxy.getIdleTimeout(), path.field("idle_timeout"))
            : DEFAULT_IDLE_TIMEOUT,
        hashSource(proxy, path));
  }

  private static boolean hashSource(TcpProxy proxy, FieldPath path) {
    if (proxy.getHashPolicyCount() > 1) {
      throw path.field("hash_policy").invalid(proxy.getHashPolicyCount() + " policies", "one");
    }
    if (proxy.getHashPolicyCount() == 1) {
      path.element("hash_policy", 0).allowOnly(proxy.getHashPolicy(0), Set.of("source_ip"));
    }
    return proxy.getHashPolicyCount() == 1;
  }

  private static List<WeightedCluster> weighted(TcpProxy.WeightedCluster weighted, FieldPath path) {
    path.allowOnly(weighted, Set.of("clusters"));
    if (weighted.getClustersCount() == 0) {
      throw path.field("clusters").invalid("[]", "at least one cluster");
    }
    List<WeightedCluster> clusters = new ArrayList<>(weighted.getClustersCount());
    for (int i = 0; i < weighted.getClustersCount(); i++) {
      FieldPath at = path.element("clusters", i);
      at.allowOnly(weighted.getClusters(i), Set.of("name", "weight"));
      if (weighted.getClusters(i).getName().isEmpty()) {
        throw at.field("name").invalid("\"\"", "a cluster's name");
      }
      clusters.add(
          new WeightedCluster(
              weighted.getClusters(i).getName(),
              Integer.toUnsignedLong(weighted.getClusters(i).getWeight())));
    }
    return clusters;
  }
}
