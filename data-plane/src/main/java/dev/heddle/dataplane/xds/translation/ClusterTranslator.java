package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Cluster.Destination;
import dev.heddle.dataplane.config.Cluster.Discovery;
import dev.heddle.dataplane.config.Cluster.TransportSocket;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.xds.translation.TranslatedCluster.EndpointSource;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.TransportSocketMatch;
import io.envoyproxy.envoy.config.core.v3.Metadata;
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
            "common_lb_config",
            "load_balancing_policy",
            "round_robin_lb_config",
            "least_request_lb_config",
            "ring_hash_lb_config",
            "maglev_lb_config",
            "outlier_detection",
            "health_checks"),
        Set.of(
            "alt_stat_name",
            "per_connection_buffer_limit_bytes",
            "dns_refresh_rate",
            "dns_failure_refresh_rate",
            "dns_lookup_family",
            "respect_dns_ttl",
            "cleanup_interval",
            "wait_for_warm_on_init",
            "upstream_connection_options",
            "ignore_health_on_host_removal"));
    path.field("original_dst_lb_config").allowOnly(cluster.getOriginalDstLbConfig(), Set.of());
    if (cluster.getName().isEmpty()) {
      throw path.field("name").invalid("\"\"", "a name");
    }
    BalancingTranslator.Choice choice = BalancingTranslator.choice(cluster, path);
    UpstreamProtocolTranslator.Spoken spoken = UpstreamProtocolTranslator.spoken(cluster, path);
    return new TranslatedCluster(
        new Cluster(
            cluster.getName(),
            discovery(cluster, path),
            destination(cluster.getMetadata(), path),
            connectTimeout(cluster, path),
            choice.policy(),
            spoken.protocol(),
            transportSockets(cluster, path),
            cluster.hasTransportSocket()
                ? tls.upstream(cluster.getTransportSocket(), path.field("transport_socket"))
                : null,
            CircuitBreakerTranslator.limits(
                cluster.getCircuitBreakers(), path.field("circuit_breakers")),
            choice.balancing(),
            cluster.hasOutlierDetection()
                ? OutlierDetectionTranslator.detection(
                    cluster.getOutlierDetection(),
                    tooManyRequests(cluster.getMetadata(), path),
                    path.field("outlier_detection"))
                : null,
            healthChecks(cluster, path),
            spoken.bounds()),
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

  /** Whether outlier detection counts 429 as an error, for which Envoy's message has no field. */
  private static boolean tooManyRequests(Metadata metadata, FieldPath path) {
    String value = Values.text(metadata, Values.HEDDLE_METADATA, "eject_on_429");
    return switch (value) {
      case "", "false" -> false;
      case "true" -> true;
      default ->
          throw path.field("metadata")
              .entry("filter_metadata", Values.HEDDLE_METADATA)
              .field("eject_on_429")
              .invalid(value, "true or false");
    };
  }

  private static List<HealthCheck> healthChecks(
      io.envoyproxy.envoy.config.cluster.v3.Cluster cluster, FieldPath path) {
    if (cluster.getHealthChecksCount() > 1) {
      throw path.field("health_checks")
          .invalid(cluster.getHealthChecksCount() + " health checks", "at most one");
    }
    return cluster.getHealthChecksCount() == 0
        ? List.of()
        : List.of(
            HealthCheckTranslator.check(
                cluster.getHealthChecks(0), path.element("health_checks", 0)));
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
}
