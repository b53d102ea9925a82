package dev.heddle.dataplane.config;

import org.jspecify.annotations.Nullable;

/**
 * How connections that match are served.
 *
 * @param tls what the proxy terminates; null for plaintext
 * @param accessPolicy decides on the connection before the terminal filter sees it; null allows all
 * @param maxConnections at the same time, by the process; 0 for any number
 */
public record FilterChain(
    String name,
    FilterChainMatch match,
    @Nullable DownstreamTls tls,
    @Nullable AccessPolicy accessPolicy,
    int maxConnections,
    TerminalFilter terminalFilter) {

  /** A chain of any number of connections. */
  public FilterChain(
      String name,
      FilterChainMatch match,
      @Nullable DownstreamTls tls,
      @Nullable AccessPolicy accessPolicy,
      TerminalFilter terminalFilter) {
    this(name, match, tls, accessPolicy, 0, terminalFilter);
  }
}
