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
   * @param accessPolicy decides on each request; null allows all
   * @param requestHeadersTimeout bound on receiving a request's headers; zero for none
   * @param streamIdleTimeout bound on a stream without progress; zero for none
   * @param idleTimeout bound on a connection without streams; zero for none
   */
  record HttpConnectionManager(
      String statPrefix,
      Codec codec,
      RouteSource routes,
      @Nullable AccessPolicy accessPolicy,
      Duration requestHeadersTimeout,
      Duration streamIdleTimeout,
      Duration idleTimeout)
      implements TerminalFilter {}

  /**
   * Bytes (envoy.extensions.filters.network.tcp_proxy.v3).
   *
   * @param clusters one or more with weights; weights relative, zero gets nothing; never empty
   * @param idleTimeout bound on a connection without bytes either way; zero for none
   */
  record TcpProxy(String statPrefix, List<WeightedCluster> clusters, Duration idleTimeout)
      implements TerminalFilter {
    public TcpProxy {
      clusters = List.copyOf(clusters);
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
