package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filter that ends a chain and carries the traffic on. */
public sealed interface TerminalFilter {

  /**
   * HTTP/1, HTTP/2 and what rides on them (envoy...http_connection_manager.v3).
   *
   * @param codec the protocol spoken, or AUTO for what detection or ALPN said
   * @param routes inline, or the name of a RouteConfiguration
   * @param filters decide on each request, in this order
   * @param requestHeadersTimeout bound on receiving a request's headers; zero for none
   * @param streamIdleTimeout bound on a stream without progress; zero for none
   * @param idleTimeout bound on a connection without streams; zero for none
   * @param connectionLimits bounds on one connection
   * @param tracing null for no spans
   */
  record HttpConnectionManager(
      String statPrefix,
      Codec codec,
      RouteSource routes,
      List<HttpFilter.Named> filters,
      Duration requestHeadersTimeout,
      Duration streamIdleTimeout,
      Duration idleTimeout,
      ConnectionLimits connectionLimits,
      @Nullable Tracing tracing)
      implements TerminalFilter {
    public HttpConnectionManager {
      filters = List.copyOf(filters);
    }

    /** One without spans, and without bounds of its own on a connection. */
    public HttpConnectionManager(
        String statPrefix,
        Codec codec,
        RouteSource routes,
        List<HttpFilter.Named> filters,
        Duration requestHeadersTimeout,
        Duration streamIdleTimeout,
        Duration idleTimeout) {
      this(
          statPrefix,
          codec,
          routes,
          filters,
          requestHeadersTimeout,
          streamIdleTimeout,
          idleTimeout,
          ConnectionLimits.NONE,
          null);
    }
  }

  /**
   * Bounds on one connection of a client.
   *
   * @param maxRequests after which it is ended as in a drain; 0 for any number
   * @param maxDuration after which it is ended as in a drain; zero for none
   * @param maxConcurrentStreams of HTTP/2; 0 for the proxy's own bound
   */
  record ConnectionLimits(int maxRequests, Duration maxDuration, int maxConcurrentStreams) {
    public static final ConnectionLimits NONE = new ConnectionLimits(0, Duration.ZERO, 0);
  }

  /**
   * Bytes (envoy.extensions.filters.network.tcp_proxy.v3).
   *
   * @param clusters one or more with weights; weights relative, zero gets nothing; never empty
   * @param idleTimeout bound on a connection without bytes either way; zero for none
   * @param hashSource whether clusters that choose by hash do so by the client's address
   */
  record TcpProxy(
      String statPrefix, List<WeightedCluster> clusters, Duration idleTimeout, boolean hashSource)
      implements TerminalFilter {
    public TcpProxy {
      clusters = List.copyOf(clusters);
    }

    public TcpProxy(String statPrefix, List<WeightedCluster> clusters, Duration idleTimeout) {
      this(statPrefix, clusters, idleTimeout, false);
    }
  }

  /** The HTTP protocol of a connection manager. */
  enum Codec {
    AUTO,
    HTTP1,
    HTTP2
  }

  /** Where a connection manager finds its routes. */
  sealed interface RouteSource {
    record Inline(RouteConfiguration routes) implements RouteSource {}

    record Named(String name) implements RouteSource {}
  }
}
