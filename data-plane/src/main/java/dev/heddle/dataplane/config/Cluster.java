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
 * @param limits circuit breakers
 * @param balancing how an endpoint is chosen, beside the policy itself
 * @param outlierDetection when an endpoint that answers badly is set aside; null for never
 * @param healthChecks what endpoints are asked regularly; empty for nothing
 * @param connectionBounds bounds on one connection
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
    Limits limits,
    Balancing balancing,
    @Nullable OutlierDetection outlierDetection,
    List<HealthCheck> healthChecks,
    ConnectionBounds connectionBounds) {

  public Cluster {
    transportSockets = List.copyOf(transportSockets);
    healthChecks = List.copyOf(healthChecks);
  }

  /** A cluster whose endpoints are neither checked nor set aside. */
  public Cluster(
      String name,
      Discovery discovery,
      @Nullable Destination destination,
      Duration connectTimeout,
      LoadBalancing loadBalancing,
      UpstreamProtocol protocol,
      List<TransportSocket> transportSockets,
      @Nullable UpstreamTls defaultTls,
      Limits limits) {
    this(
        name,
        discovery,
        destination,
        connectTimeout,
        loadBalancing,
        protocol,
        transportSockets,
        defaultTls,
        limits,
        Balancing.DEFAULT,
        null,
        List.of(),
        ConnectionBounds.NONE);
  }

  /** The same with other limits. */
  public Cluster with(Limits otherLimits) {
    return new Cluster(
        name,
        discovery,
        destination,
        connectTimeout,
        loadBalancing,
        protocol,
        transportSockets,
        defaultTls,
        otherLimits,
        balancing,
        outlierDetection,
        healthChecks,
        connectionBounds);
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
    /** The least loaded of some drawn at random, by requests under way. */
    LEAST_REQUEST,
    ROUND_ROBIN,
    RANDOM,
    /** By the request's hash, on a ring (Ketama). */
    RING_HASH,
    /** By the request's hash, in a table (Maglev). */
    MAGLEV;

    /** Whether the request's hash decides. */
    public boolean hashes() {
      return this == RING_HASH || this == MAGLEV;
    }
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

  /**
   * Circuit breakers (envoy.config.cluster.v3.CircuitBreakers): what may be under way to the whole
   * cluster. Each at least 0.
   *
   * @param maxConnections connections; an endpoint without any gets one nevertheless
   * @param maxPendingRequests requests that wait for a connection
   * @param maxRequests requests that have a connection or wait for one
   * @param maxRetries retries at the same time, unless there is a budget
   * @param retryBudget retries as a share of the requests; null for none
   * @param processWide whether they hold for all event loops together; false for each loop by
   *     itself, which costs no synchronization
   */
  public record Limits(
      int maxConnections,
      int maxPendingRequests,
      int maxRequests,
      int maxRetries,
      @Nullable RetryBudget retryBudget,
      boolean processWide) {

    /** Where nothing is configured: bounds that protect the proxy, of each event loop. */
    public static final Limits DEFAULT =
        new Limits(10_000, 10_000, 100_000, Integer.MAX_VALUE, null, false);

    /** Limits of the process, with any number of retries. */
    public Limits(int maxConnections, int maxPendingRequests, int maxRequests) {
      this(maxConnections, maxPendingRequests, maxRequests, Integer.MAX_VALUE, null, true);
    }

    /**
     * How many retries may be under way.
     *
     * @param requests under way, retries included
     */
    public int maxRetries(int requests) {
      return retryBudget == null
          ? maxRetries
          : Math.max(retryBudget.minimum(), (int) (retryBudget.percent() * requests / 100));
    }
  }

  /**
   * Retries bounded by the requests under way.
   *
   * @param percent of the requests, 0 to 100
   * @param minimum retries that are always allowed, at least 0
   */
  public record RetryBudget(double percent, int minimum) {}

  /**
   * How an endpoint is chosen.
   *
   * @param panicPercent when less than this share of the endpoints of a priority is healthy, all of
   *     them are used; 0 for never
   * @param localityWeighted whether localities get traffic by their weights
   * @param choices endpoints drawn by {@link LoadBalancing#LEAST_REQUEST}, at least 2
   * @param requestBias exponent by which requests under way count against an endpoint's weight in
   *     {@link LoadBalancing#LEAST_REQUEST}, at least 0
   * @param ring of {@link LoadBalancing#RING_HASH}
   * @param maglevTableSize of {@link LoadBalancing#MAGLEV}, a prime number
   * @param slowStart how an endpoint that is new gets its share; null for at once
   */
  public record Balancing(
      double panicPercent,
      boolean localityWeighted,
      int choices,
      double requestBias,
      Ring ring,
      int maglevTableSize,
      @Nullable SlowStart slowStart) {

    /** Envoy's. */
    public static final Balancing DEFAULT =
        new Balancing(50, false, 2, 1, Ring.DEFAULT, 65_537, null);
  }

  /**
   * A ring of hashes.
   *
   * @param minSize entries, at least
   * @param maxSize entries, at most
   */
  public record Ring(int minSize, int maxSize, HashFunction function) {
    /** Envoy's. */
    public static final Ring DEFAULT = new Ring(1024, 8 * 1024 * 1024, HashFunction.XX_HASH);
  }

  public enum HashFunction {
    XX_HASH,
    MURMUR_HASH_2
  }

  /**
   * An endpoint's share grows from {@code minWeightPercent} to all of it.
   *
   * @param window how long, above zero
   * @param aggression exponent: 1 grows evenly, more grows faster in the beginning; above zero
   * @param minWeightPercent 0 to 100
   */
  public record SlowStart(Duration window, double aggression, double minWeightPercent) {}

  /**
   * Bounds on a connection to an endpoint.
   *
   * @param maxRequests after which it is not used again; 0 for any number
   * @param idleTimeout of a pooled connection without requests; null for the proxy's own
   * @param maxDuration after which it gets no new requests; null for the proxy's own
   * @param maxConcurrentStreams of HTTP/2, also when the server allows more; 0 for the proxy's own
   */
  public record ConnectionBounds(
      int maxRequests,
      @Nullable Duration idleTimeout,
      @Nullable Duration maxDuration,
      int maxConcurrentStreams) {
    public static final ConnectionBounds NONE = new ConnectionBounds(0, null, null, 0);
  }
}
