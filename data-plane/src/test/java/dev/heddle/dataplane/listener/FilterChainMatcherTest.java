package dev.heddle.dataplane.listener;

import static dev.heddle.dataplane.loopback.Configurations.loopback;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.listener.FilterChainMatcher.Criteria;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FilterChainMatcherTest {

  @ParameterizedTest(name = "{0} {1} {2} {3} -> {4}")
  @CsvSource(
      nullValues = "-",
      value = {
        // port, server name, transport, ALPN, expected chain
        "80, '', raw_buffer, '', default",
        "80, '', raw_buffer, http/1.1, http",
        "80, '', raw_buffer, h2c, http",
        "80, '', raw_buffer, mysql, default",
        "80, mesh.internal, tls, h2, mesh-http",
        "80, mesh.internal, tls, '', mesh-tcp",
        "80, mesh.internal, tls, mysql, mesh-tcp",
        // A later miss does not bring less specific server names back.
        "80, mesh.internal, raw_buffer, http/1.1, default",
        "80, a.example.com, tls, '', wildcard",
        "80, a.b.example.com, tls, '', longer-wildcard",
        "80, exact.b.example.com, tls, '', exact",
        "80, example.com, tls, '', default",
        // The port comes first, whatever else matches better elsewhere.
        "3306, mesh.internal, tls, h2, port",
        "3306, '', raw_buffer, '', port",
      })
  void findsTheMostSpecific(
      int port, String serverName, String transport, String protocol, @Nullable String expected) {
    List<String> protocols = protocol.isEmpty() ? List.of() : List.of(protocol);
    FilterChain found =
        FilterChainMatcher.match(listener(), new Criteria(port, serverName, transport, protocols));
    assertThat(found == null ? null : found.name()).isEqualTo(expected);
  }

  private static Listener listener() {
    return new Listener(
        "listener",
        loopback(0),
        TrafficDirection.INBOUND,
        true,
        true,
        true,
        true,
        List.of(
            chain("mesh-http", 0, List.of("mesh.internal"), "tls", Set.of("h2", "http/1.1")),
            chain("mesh-tcp", 0, List.of("mesh.internal"), "tls", Set.of()),
            chain("http", 0, List.of(), "raw_buffer", Set.of("http/1.0", "http/1.1", "h2c")),
            chain("wildcard", 0, List.of("*.example.com"), "tls", Set.of()),
            chain("longer-wildcard", 0, List.of("*.b.example.com"), "tls", Set.of()),
            chain("exact", 0, List.of("exact.b.example.com"), "tls", Set.of()),
            chain("port", 3306, List.of(), null, Set.of())),
        chain("default", 0, List.of(), null, Set.of()));
  }

  private static FilterChain chain(
      String name,
      int port,
      List<String> serverNames,
      @Nullable String transport,
      Set<String> protocols) {
    return new FilterChain(
        name, new FilterChainMatch(port, serverNames, transport, protocols), null, tcp("cluster"));
  }
}
