package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Cluster.Destination;
import dev.heddle.dataplane.config.Cluster.Discovery;
import dev.heddle.dataplane.config.Cluster.Limits;
import dev.heddle.dataplane.config.Cluster.LoadBalancing;
import dev.heddle.dataplane.config.Cluster.TransportSocket;
import dev.heddle.dataplane.config.Cluster.UpstreamProtocol;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.xds.translation.TranslatedCluster.EndpointSource;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.TransportSocketMatch;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.config.cluster.v3.Cluster. */
final class ClusterTranslator {

  /** Envoy's default. */
  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private static final String PROTOCOL_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  private final TlsTranslator tls;

  ClusterTranslator(TlsTranslator tls) {
    this.tls = tls;
  }

  TranslatedCluster cluster(io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    path.allowOnly(
        cluster,
        Set.of(
            "name",
            "type",
            "eds_cluster_config",
            "connect_timeout",
            "lb_policy",
            "load_assignment",
            "circuit_breakers",
            "typed_extension_protocol_options",
            "transport_socket",
            "transport_socket_matches",
            "metadata",
            "original_dst_lb_config",
            "common_lb_config"),
        Set.of(
            "alt_stat_name",
            "per_connection_buffer_limit_bytes",
            "dns_refresh_rate",
            "dns_failure_refresh_rate",
            "dns_lookup_family",
            "respect_dns_ttl",
            "cleanup_interval",
            "wait_for_warm_on_init",
            "least_request_lb_config",
            "upstream_connection_options",
            "ignore_health_on_host_removal"));
    path.field("common_lb_config")
        .allowOnly(
            cluster.getCommonLbConfig(),
            Set.of(),
            Set.of("healthy_panic_threshold", "update_merge_window"));
    path.field("original_dst_lb_config").allowOnly(cluster.getOriginalDstLbConfig(), Set.of());
    if (cluster.getName().isEmpty()) {
      throw path.field("name").invalid("\"\"", "a name");
    }
    return new TranslatedCluster(
        new Cluster(
            cluster.getName(),
            discovery(cluster, path),
            destination(cluster.getMetadata(), path),
            connectTimeout(cluster, path),
            loadBalancing(cluster, path.field("lb_policy")),
            protocol(cluster, path),
            transportSockets(cluster, path),
            cluster.hasTransportSocket()
                ? tls.upstream(cluster.getTransportSocket(), path.field("transport_socket"))
                : null,
            limits(cluster, path.field("circuit_breakers"))),
        endpoints(cluster, path));
  }

  private static Discovery discovery(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    if (cluster.hasClusterType()) {
      throw path.field("cluster_type").invalid(cluster.getClusterType().getName(), "type");
    }
    return switch (cluster.getType()) {
      case STATIC, EDS -> Discovery.ASSIGNED;
      case STRICT_DNS, LOGICAL_DNS -> Discovery.DNS;
      case ORIGINAL_DST -> Discovery.ORIGINAL_DESTINATION;
      case UNRECOGNIZED ->
          throw path.field("type")
              .invalid(
                  cluster.getTypeValue(), "STATIC, STRICT_DNS, LOGICAL_DNS, EDS or ORIGINAL_DST");
    };
  }

  private static EndpointSource endpoints(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    DiscoveryType type = cluster.getType();
    if (type != DiscoveryType.EDS && cluster.hasEdsClusterConfig()) {
      throw path.field("eds_cluster_config").invalid("set", "not set unless type is EDS");
    }
    boolean inline =
        type == DiscoveryType.STATIC
            || type == DiscoveryType.STRICT_DNS
            || type == DiscoveryType.LOGICAL_DNS;
    if (!inline && cluster.hasLoadAssignment()) {
      throw path.field("load_assignment").invalid("set", "not set for type " + type);
    }
    if (inline) {
      return new EndpointSource.Inline(
          EndpointTranslator.assignment(
              cluster.getLoadAssignment(),
              type != DiscoveryType.STATIC,
              path.field("load_assignment")));
    }
    if (type == DiscoveryType.ORIGINAL_DST) {
      return new EndpointSource.Inline(EndpointAssignment.NONE);
    }
    EdsClusterConfig eds = cluster.getEdsClusterConfig();
    FieldPath at = path.field("eds_cluster_config");
    at.allowOnly(eds, Set.of("eds_config", "service_name"));
    Values.aggregatedStream(eds.hasEdsConfig(), eds.getEdsConfig(), at.field("eds_config"));
    return new EndpointSource.Named(
        eds.getServiceName().isEmpty() ? cluster.getName() : eds.getServiceName());
  }

  private static @Nullable Destination destination(Metadata metadata, FieldPath path) {
    String service = Values.text(metadata, Values.HEDDLE_METADATA, "service");
    if (service.isEmpty()) {
      return null;
    }
    String port = Values.text(metadata, Values.HEDDLE_METADATA, "port");
    try {
      return new Destination(
          service,
          Values.text(metadata, Values.HEDDLE_METADATA, "namespace"),
          port.isEmpty() ? 0 : Integer.parseInt(port));
    } catch (NumberFormatException e) {
      throw path.field("metadata")
          .entry("filter_metadata", Values.HEDDLE_METADATA)
          .field("port")
          .invalid(port, "a port number");
    }
  }

  private static Duration connectTimeout(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    if (!cluster.hasConnectTimeout()) {
      return DEFAULT_CONNECT_TIMEOUT;
    }
    Duration timeout = Values.duration(cluster.getConnectTimeout(), path.field("connect_timeout"));
    if (timeout.isZero()) {
      throw path.field("connect_timeout").invalid("0s", "> 0s");
    }
    return timeout;
  }

  private static LoadBalancing loadBalancing(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    return switch (cluster.getLbPolicy()) {
      case ROUND_ROBIN -> LoadBalancing.ROUND_ROBIN;
      case LEAST_REQUEST -> LoadBalancing.PEAK_EWMA;
      case CLUSTER_PROVIDED -> {
        if (cluster.getType() != DiscoveryType.ORIGINAL_DST) {
          throw path.invalid(
              "CLUSTER_PROVIDED", "LEAST_REQUEST or ROUND_ROBIN for type " + cluster.getType());
        }
        yield LoadBalancing.PEAK_EWMA;
      }
      case RANDOM, RING_HASH, MAGLEV, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED ->
          throw path.invalid(cluster.getLbPolicy(), "LEAST_REQUEST or ROUND_ROBIN");
    };
  }

  private static UpstreamProtocol protocol(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    UpstreamProtocol protocol = UpstreamProtocol.HTTP1;
    for (var entry : cluster.getTypedExtensionProtocolOptionsMap().entrySet()) {
      FieldPath at = path.entry("typed_extension_protocol_options", entry.getKey());
      if (!entry.getKey().equals(PROTOCOL_OPTIONS)) {
        throw at.invalid(entry.getValue(), "only " + PROTOCOL_OPTIONS);
      }
      HttpProtocolOptions options =
          at.unpack(
              entry.getValue(),
              HttpProtocolOptions.class,
              HttpProtocolOptions.getDefaultInstance());
      at.allowOnly(
          options,
          Set.of("explicit_http_config", "use_downstream_protocol_config"),
          Set.of("common_http_protocol_options"));
      protocol =
          switch (options.getUpstreamProtocolOptionsCase()) {
            case EXPLICIT_HTTP_CONFIG ->
                switch (options.getExplicitHttpConfig().getProtocolConfigCase()) {
                  case HTTP_PROTOCOL_OPTIONS, PROTOCOLCONFIG_NOT_SET -> UpstreamProtocol.HTTP1;
                  case HTTP2_PROTOCOL_OPTIONS -> UpstreamProtocol.HTTP2;
                  case HTTP3_PROTOCOL_OPTIONS ->
                      throw at.field("explicit_http_config")
                          .invalid(
                              "http3_protocol_options",
                              "http_protocol_options or http2_protocol_options");
                };
            case USE_DOWNSTREAM_PROTOCOL_CONFIG -> UpstreamProtocol.SAME_AS_DOWNSTREAM;
            case AUTO_CONFIG, UPSTREAMPROTOCOLOPTIONS_NOT_SET ->
                throw at.invalid(
                    options.getUpstreamProtocolOptionsCase(),
                    "explicit_http_config or use_downstream_protocol_config");
          };
    }
    return protocol;
  }

  private List<TransportSocket> transportSockets(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    List<TransportSocket> sockets = new ArrayList<>(cluster.getTransportSocketMatchesCount());
    for (int i = 0; i < cluster.getTransportSocketMatchesCount(); i++) {
      TransportSocketMatch match = cluster.getTransportSocketMatches(i);
      FieldPath at = path.element("transport_socket_matches", i);
      at.allowOnly(match, Set.of("name", "match", "transport_socket"));
      sockets.add(
          new TransportSocket(
              texts(match.getMatch(), at.field("match")),
              match.hasTransportSocket()
                  ? tls.upstream(match.getTransportSocket(), at.field("transport_socket"))
                  : null));
    }
    return sockets;
  }

  static Map<String, String> texts(Struct struct, FieldPath path) {
    Map<String, String> texts = HashMap.newHashMap(struct.getFieldsCount());
    for (Map.Entry<String, Value> entry : struct.getFieldsMap().entrySet()) {
      if (!entry.getValue().hasStringValue()) {
        throw path.field(entry.getKey()).invalid(entry.getValue(), "a string");
      }
      texts.put(entry.getKey(), entry.getValue().getStringValue());
    }
    return texts;
  }

  private static Limits limits(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    path.allowOnly(cluster.getCircuitBreakers(), Set.of("thresholds"));
    Limits limits = Limits.DEFAULT;
    for (int i = 0; i < cluster.getCircuitBreakers().getThresholdsCount(); i++) {
      Thresholds thresholds = cluster.getCircuitBreakers().getThresholds(i);
      FieldPath at = path.element("thresholds", i);
      at.allowOnly(
          thresholds,
          Set.of("priority", "max_connections", "max_pending_requests", "max_requests"),
          Set.of("max_retries", "track_remaining"));
      // Routes of another priority than the default are refused, so their thresholds never apply.
      if (thresholds.getPriority() == RoutingPriority.DEFAULT) {
        limits =
            new Limits(
                thresholds.hasMaxConnections()
                    ? Values.atLeastOne(thresholds.getMaxConnections(), at.field("max_connections"))
                    : limits.maxConnections(),
                thresholds.hasMaxPendingRequests()
                    ? Values.atLeastOne(
                        thresholds.getMaxPendingRequests(), at.field("max_pending_requests"))
                    : limits.maxPendingRequests(),
                thresholds.hasMaxRequests()
                    ? Values.atLeastOne(thresholds.getMaxRequests(), at.field("max_requests"))
                    : limits.maxRequests());
      }
    }
    return limits;
  }
}
