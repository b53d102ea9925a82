package dev.heddle.dataplane.config;

import org.jspecify.annotations.Nullable;

/**
 * How connections that match are served.
 *
 * @param tls what the proxy terminates; null for plaintext
 * @param accessPolicy decides on the connection before the terminal filter sees it; null allows all
 */
public record FilterChain(
    String name,
    FilterChainMatch match,
    @Nullable DownstreamTls tls,
    @Nullable AccessPolicy accessPolicy,
    TerminalFilter terminalFilter) {}
