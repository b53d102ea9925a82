package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group of endpoints that serve the same (envoy.config.cluster.v3.Cluster).
 *
 * @param destination the Service it stands for, for metrics; null if none
 * @param connectTimeout bound on connecting to one endpoint, TLS handshake included
 * @param transportSockets the first whose {@code match} is contained in an endpoint's {@link
 *     Endpoint#transportSocketMatch} is spoken to it
 * @param defaultTls spoken to endpoints that match none; null for plaintext
 * @param limits bounds per event loop
 */
public record Cluster(
    String name,
    Discovery discovery,
    @Nullable Destination destination,
    Duration connectTimeout,
    LoadBalancing loadBalancing,
    UpstreamProtocol protocol,
    List<TransportSocket> transportSockets,
    @Nullable UpstreamTls defaultTls,
    Limits limits) {

  public Cluster {
    transportSockets = List.copyOf(transportSockets);
  }

  /** Where the endpoints come from. */
  public enum Discovery {
    /** In {@link ProxyConfiguration#endpoints}: by EDS or inline. */
    ASSIGNED,
    /** Names in {@link ProxyConfiguration#endpoints}, resolved again and again. */
    DNS,
    /** The address the client meant. */
    ORIGINAL_DESTINATION
  }

  public enum LoadBalancing {
    /** Power of two choices over peak EWMA. */
    PEAK_EWMA,
    ROUND_ROBIN
  }

  public enum UpstreamProtocol {
    HTTP1,
    HTTP2,
    /** The one the request came in. */
    SAME_AS_DOWNSTREAM
  }

  public record Destination(String service, String namespace, int port) {}

  /**
   * What is spoken to the endpoints that match.
   *
   * @param tls null for plaintext
   */
  public record TransportSocket(Map<String, String> match, @Nullable UpstreamTls tls) {
    public TransportSocket {
      match = Map.copyOf(match);
    }
  }

  /** Each at least 1. */
  public record Limits(int maxConnections, int maxPendingRequests, int maxRequests) {
    public static final Limits DEFAULT = new Limits(10_000, 10_000, 100_000);
  }
}
