package dev.heddle.dataplane.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a filter chain serves a connection (envoy.config.listener.v3.FilterChainMatch). Empty fields
 * match everything; a chain that names a value wins over one that does not, in the order of the
 * fields.
 *
 * @param destinationPort 0 for any
 * @param serverNames exact names, or suffixes written {@code *.suffix}
 * @param transportProtocol {@code tls}, {@code raw_buffer} or null for any
 * @param applicationProtocols ALPN names of TLS, or what HTTP detection found: {@code http/1.0},
 *     {@code http/1.1}, {@code h2c}
 */
public record FilterChainMatch(
    int destinationPort,
    List<String> serverNames,
    @Nullable String transportProtocol,
    Set<String> applicationProtocols) {

  public static final FilterChainMatch ANY = new FilterChainMatch(0, List.of(), null, Set.of());

  public FilterChainMatch {
    serverNames = List.copyOf(serverNames);
    applicationProtocols = Set.copyOf(applicationProtocols);
  }
}
