package dev.heddle.dataplane.config;

/**
 * The PROXY protocol that comes before a connection's own bytes
 * (envoy.extensions.filters.listener.proxy_protocol.v3).
 *
 * @param optional whether connections without it are served as well
 * @param version1 whether the text form is taken
 * @param version2 whether the binary form is taken
 */
public record ProxyProtocol(boolean optional, boolean version1, boolean version2) {}
