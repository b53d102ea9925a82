package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the filter chain of a connection. Criteria are gone through in Envoy's order
 * (envoy.config.listener.v3.FilterChainMatch): destination port, server name, transport protocol,
 * application protocols. At each the most specific match wins, and what it excludes does not come
 * back when a later criterion fails: then the default chain serves.
 */
final class FilterChainMatcher {
  static final String TLS = "tls";
  static final String RAW_BUFFER = "raw_buffer";
  private static final int NO_MATCH = -1;

  private FilterChainMatcher() {}

  /**
   * What is known of a connection.
   *
   * @param serverName empty if none was sent
   * @param applicationProtocols in the client's order of preference
   */
  record Criteria(
      int destinationPort,
      String serverName,
      String transportProtocol,
      List<String> applicationProtocols) {
    static Criteria raw(int destinationPort) {
      return new Criteria(destinationPort, "", RAW_BUFFER, List.of());
    }
  }

  static @Nullable FilterChain match(Listener listener, Criteria criteria) {
    List<FilterChain> left = listener.filterChains();
    left = mostSpecific(left, match -> port(match, criteria.destinationPort()));
    left = mostSpecific(left, match -> serverName(match, criteria.serverName()));
    left = mostSpecific(left, match -> transport(match, criteria.transportProtocol()));
    left = mostSpecific(left, match -> applications(match, criteria.applicationProtocols()));
    return left.isEmpty() ? listener.defaultFilterChain() : left.getFirst();
  }

  private static List<FilterChain> mostSpecific(
      List<FilterChain> chains, ToIntFunction<FilterChainMatch> specificity) {
    int best = NO_MATCH;
    for (FilterChain chain : chains) {
      best = Math.max(best, specificity.applyAsInt(chain.match()));
    }
    if (best == NO_MATCH) {
      return List.of();
    }
    int wanted = best;
    Predicate<FilterChain> most = chain -> specificity.applyAsInt(chain.match()) == wanted;
    return chains.stream().filter(most).toList();
  }

  private static int port(FilterChainMatch match, int port) {
    if (match.destinationPort() == 0) {
      return 0;
    }
    return match.destinationPort() == port ? 1 : NO_MATCH;
  }

  /** Exact before the longest suffix before none. */
  private static int serverName(FilterChainMatch match, String name) {
    if (match.serverNames().isEmpty()) {
      return 0;
    }
    int best = NO_MATCH;
    for (String pattern : match.serverNames()) {
      String lower = pattern.toLowerCase(Locale.ROOT);
      if (lower.equals(name)) {
        return Integer.MAX_VALUE;
      }
      if (lower.startsWith("*.") && name.endsWith(lower.substring(1))) {
        best = Math.max(best, lower.length());
      }
    }
    return best;
  }

  private static int transport(FilterChainMatch match, String protocol) {
    if (match.transportProtocol() == null) {
      return 0;
    }
    return match.transportProtocol().equals(protocol) ? 1 : NO_MATCH;
  }

  /** The client's first choice that a chain names, before chains that name none. */
  private static int applications(FilterChainMatch match, List<String> protocols) {
    if (match.applicationProtocols().isEmpty()) {
      return 0;
    }
    for (int i = 0; i < protocols.size(); i++) {
      if (match.applicationProtocols().contains(protocols.get(i))) {
        return protocols.size() - i;
      }
    }
    return NO_MATCH;
  }
}
