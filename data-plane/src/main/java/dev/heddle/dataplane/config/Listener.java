package dev.heddle.dataplane.config;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener (envoy.config.listener.v3.Listener).
 *
 * @param address where it listens, or for a listener that binds nothing the destination it stands
 *     for
 * @param bindToPort whether it opens a socket; one that does not is reached through a listener with
 *     {@code useOriginalDestination}
 * @param useOriginalDestination connections are handed to the listener of their original
 *     destination if there is one, and otherwise served by this one
 * @param detectHttp the first bytes decide whether a connection is HTTP/1, HTTP/2 or neither
 * @param detectTls the first bytes decide whether a connection is TLS, and its server name and ALPN
 * @param proxyProtocol what comes before a connection's own bytes; null for nothing
 * @param filterChains tried by specificity, see {@link FilterChainMatch}
 * @param defaultFilterChain serves what no chain matches; without one the connection is closed
 */
public record Listener(
    String name,
    InetSocketAddress address,
    TrafficDirection direction,
    boolean bindToPort,
    boolean useOriginalDestination,
    boolean detectHttp,
    boolean detectTls,
    @Nullable ProxyProtocol proxyProtocol,
    List<FilterChain> filterChains,
    @Nullable FilterChain defaultFilterChain) {

  public Listener {
    filterChains = List.copyOf(filterChains);
  }

  /** A listener whose connections begin with their own bytes. */
  public Listener(
      String name,
      InetSocketAddress address,
      TrafficDirection direction,
      boolean bindToPort,
      boolean useOriginalDestination,
      boolean detectHttp,
      boolean detectTls,
      List<FilterChain> filterChains,
      @Nullable FilterChain defaultFilterChain) {
    this(
        name,
        address,
        direction,
        bindToPort,
        useOriginalDestination,
        detectHttp,
        detectTls,
        null,
        filterChains,
        defaultFilterChain);
  }

  /**
   * The chain that serves what a chain of an earlier version of this listener served; null if there
   * is none any more.
   */
  public @Nullable FilterChain successorOf(Listener earlier, FilterChain chain) {
    if (chain.equals(earlier.defaultFilterChain)) {
      return defaultFilterChain;
    }
    for (FilterChain each : filterChains) {
      if (each.match().equals(chain.match())) {
        return each;
      }
    }
    return null;
  }
}
