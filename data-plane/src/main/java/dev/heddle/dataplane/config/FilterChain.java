package dev.heddle.dataplane.config;

import dev.heddle.dataplane.config.AccessRules.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How connections that match are served.
 *
 * @param tls what the proxy terminates; null for plaintext
 * @param access decide on the connection before the terminal filter sees it, one after another:
 *     every one of them must allow it
 * @param maxConnections at the same time, by the process; 0 for any number
 */
public record FilterChain(
    String name,
    FilterChainMatch match,
    @Nullable DownstreamTls tls,
    List<AccessRules> access,
    int maxConnections,
    TerminalFilter terminalFilter) {

  public FilterChain {
    access = List.copyOf(access);
    for (AccessRules rules : access) {
      if (rules.dependsOn(Condition.Header.class) || rules.dependsOn(Condition.Path.class)) {
        throw new IllegalArgumentException(
            "access: " + rules + " (expected: conditions on connections, not on requests)");
      }
    }
  }

  /** A chain of any number of connections, from anybody. */
  public FilterChain(
      String name,
      FilterChainMatch match,
      @Nullable DownstreamTls tls,
      TerminalFilter terminalFilter) {
    this(name, match, tls, List.of(), 0, terminalFilter);
  }
}
