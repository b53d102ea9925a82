package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Any;
import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.config.listener.v3.Listener. */
final class ListenerTranslator {

  private final TlsTranslator tls;

  ListenerTranslator(TlsTranslator tls) {
    this.tls = tls;
  }

  Listener listener(io.envoyproxy.envoy.config.listener.v3.Listener listener, FieldPath path) {
    path.allowOnly(
        listener,
        Set.of(
            "name",
            "address",
            "filter_chains",
            "default_filter_chain",
            "use_original_dst",
            "bind_to_port",
            "listener_filters",
            "traffic_direction"),
        Set.of(
            "stat_prefix",
            "metadata",
            "per_connection_buffer_limit_bytes",
            "listener_filters_timeout",
            "continue_on_listener_filters_timeout",
            "connection_balance_config",
            "enable_reuse_port",
            "tcp_backlog_size",
            "ignore_global_conn_limit"));
    Inspection inspection = inspection(listener, path);
    List<FilterChain> chains = new ArrayList<>(listener.getFilterChainsCount());
    Set<FilterChainMatch> matches = new HashSet<>();
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      FieldPath at = path.element("filter_chains", i);
      FilterChain chain = chain(listener.getFilterChains(i), inspection.tls(), at);
      if (!matches.add(chain.match())) {
        throw at.field("filter_chain_match").invalid(chain.match(), "a match no other chain has");
      }
      chains.add(chain);
    }
    @Nullable FilterChain defaultChain =
        listener.hasDefaultFilterChain()
            ? chain(
                listener.getDefaultFilterChain(),
                inspection.tls(),
                path.field("default_filter_chain"))
            : null;
    if (chains.isEmpty() && defaultChain == null) {
      throw path.field("filter_chains").invalid("[]", "at least one filter chain");
    }
    return new Listener(
        listener.getName(),
        AddressTranslator.resolved(listener.getAddress(), path.field("address")),
        switch (listener.getTrafficDirection()) {
          case INBOUND -> TrafficDirection.INBOUND;
          case OUTBOUND -> TrafficDirection.OUTBOUND;
          case UNSPECIFIED -> TrafficDirection.UNSPECIFIED;
          case UNRECOGNIZED ->
              throw path.field("traffic_direction")
                  .invalid(listener.getTrafficDirection(), "INBOUND or OUTBOUND");
        },
        !listener.hasBindToPort() || listener.getBindToPort().getValue(),
        listener.getUseOriginalDst().getValue() || inspection.originalDestination(),
        inspection.http(),
        inspection.tls(),
        inspection.proxyProtocol(),
        chains,
        defaultChain);
  }

  private record Inspection(
      boolean http,
      boolean tls,
      boolean originalDestination,
      dev.heddle.dataplane.config.@Nullable ProxyProtocol proxyProtocol) {}

  private static Inspection inspection(
      io.envoyproxy.envoy.config.listener.v3.Listener listener, FieldPath path) {
    boolean http = false;
    boolean tls = false;
    boolean originalDestination = false;
    dev.heddle.dataplane.config.@Nullable ProxyProtocol proxyProtocol = null;
    for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
      ListenerFilter filter = listener.getListenerFilters(i);
      FieldPath at = path.element("listener_filters", i);
      at.allowOnly(filter, Set.of("name", "typed_config"));
      Any config = filter.getTypedConfig();
      FieldPath configAt = at.field("typed_config");
      if (FieldPath.holds(config, HttpInspector.getDefaultInstance())) {
        http = true;
      } else if (FieldPath.holds(config, TlsInspector.getDefaultInstance())) {
        configAt.allowOnly(
            configAt.unpack(config, TlsInspector.class, TlsInspector.getDefaultInstance()),
            Set.of(),
            Set.of("initial_read_buffer_size", "enable_ja3_fingerprinting"));
        tls = true;
      } else if (FieldPath.holds(config, OriginalDst.getDefaultInstance())) {
        originalDestination = true;
      } else if (FieldPath.holds(config, ProxyProtocol.getDefaultInstance())) {
        if (http || tls) {
          throw at.invalid(filter.getName(), "the PROXY protocol before what looks at bytes");
        }
        proxyProtocol =
            proxyProtocol(
                configAt.unpack(config, ProxyProtocol.class, ProxyProtocol.getDefaultInstance()),
                configAt);
      } else {
        throw configAt.invalid(
            config.getTypeUrl(),
            "HttpInspector, TlsInspector, OriginalDst or ProxyProtocol"
                + " (envoy.extensions.filters.listener)");
      }
    }
    return new Inspection(http, tls, originalDestination, proxyProtocol);
  }

  private static dev.heddle.dataplane.config.ProxyProtocol proxyProtocol(
      ProxyProtocol filter, FieldPath path) {
    path.allowOnly(
        filter,
        Set.of("allow_requests_without_proxy_protocol", "disallowed_versions"),
        Set.of("stat_prefix"));
    List<ProxyProtocolConfig.Version> refused = filter.getDisallowedVersionsList();
    boolean first = !refused.contains(ProxyProtocolConfig.Version.V1);
    boolean second = !refused.contains(ProxyProtocolConfig.Version.V2);
    if (!first && !second) {
      throw path.field("disallowed_versions").invalid(refused, "not both");
    }
    return new dev.heddle.dataplane.config.ProxyProtocol(
        filter.getAllowRequestsWithoutProxyProtocol(), first, second);
  }

  private FilterChain chain(
      io.envoyproxy.envoy.config.listener.v3.FilterChain chain,
      boolean serverNames,
      FieldPath path) {
    path.allowOnly(
        chain,
        Set.of("name", "filter_chain_match", "filters", "transport_socket"),
        Set.of("metadata", "transport_socket_connect_timeout"));
    List<AccessRules> access = new ArrayList<>();
    int terminal = chain.getFiltersCount() - 1;
    if (terminal < 0) {
      throw path.field("filters").invalid("[]", "an HTTP connection manager or TCP proxy");
    }
    int maxConnections = 0;
    for (int i = 0; i < terminal; i++) {
      FieldPath at = path.element("filters", i);
      Filter filter = chain.getFilters(i);
      if (!FieldPath.holds(filter.getTypedConfig(), ConnectionLimit.getDefaultInstance())) {
        accessRules(filter, serverNames, at).ifPresent(access::add);
      } else if (maxConnections == 0) {
        maxConnections = maxConnections(filter, at);
      } else {
        throw at.invalid(filter.getName(), "at most one connection limit before the last");
      }
    }
    return new FilterChain(
        chain.getName(),
        match(chain, path.field("filter_chain_match")),
        chain.hasTransportSocket()
            ? tls.downstream(chain.getTransportSocket(), path.field("transport_socket"))
            : null,
        access,
        maxConnections,
        terminal(chain.getFilters(terminal), path.element("filters", terminal)));
  }

  private static FilterChainMatch match(
      io.envoyproxy.envoy.config.listener.v3.FilterChain chain, FieldPath path) {
    io.envoyproxy.envoy.config.listener.v3.FilterChainMatch match = chain.getFilterChainMatch();
    path.allowOnly(
        match,
        Set.of("destination_port", "server_names", "transport_protocol", "application_protocols"));
    int port = match.getDestinationPort().getValue();
    if (match.hasDestinationPort() && (port < 1 || port > 65535)) {
      throw path.field("destination_port").invalid(Integer.toUnsignedString(port), "1 to 65535");
    }
    String transport = match.getTransportProtocol();
    if (!Set.of("", "tls", "raw_buffer").contains(transport)) {
      throw path.field("transport_protocol").invalid(transport, "tls or raw_buffer");
    }
    List<String> names = new ArrayList<>(match.getServerNamesCount());
    for (int i = 0; i < match.getServerNamesCount(); i++) {
      String name = match.getServerNames(i).toLowerCase(Locale.ROOT);
      if (name.isEmpty()
          || name.lastIndexOf('*') > 0
          || (name.startsWith("*") && !name.startsWith("*."))) {
        throw path.element("server_names", i).invalid('"' + name + '"', "a.b or *.b");
      }
      names.add(name);
    }
    return new FilterChainMatch(
        port,
        names,
        transport.isEmpty() ? null : transport,
        Set.copyOf(match.getApplicationProtocolsList()));
  }

  private static int maxConnections(Filter filter, FieldPath path) {
    path.allowOnly(filter, Set.of("name", "typed_config"));
    FieldPath at = path.field("typed_config");
    ConnectionLimit limit =
        at.unpack(
            filter.getTypedConfig(), ConnectionLimit.class, ConnectionLimit.getDefaultInstance());
    at.allowOnly(limit, Set.of("max_connections"), Set.of("stat_prefix"));
    long most = limit.getMaxConnections().getValue();
    if (most < 1) {
      throw at.field("max_connections").invalid(Long.toUnsignedString(most), ">= 1");
    }
    return (int) Math.min(most, Integer.MAX_VALUE);
  }

  /** Empty for a filter that decides on nothing. */
  private static Optional<AccessRules> accessRules(
      Filter filter, boolean serverNames, FieldPath path) {
    path.allowOnly(filter, Set.of("name", "typed_config"));
    FieldPath at = path.field("typed_config");
    RBAC rbac = at.unpack(filter.getTypedConfig(), RBAC.class, RBAC.getDefaultInstance());
    at.allowOnly(rbac, Set.of("rules"), Set.of("stat_prefix", "enforcement_type"));
    return rbac.hasRules()
        ? Optional.of(
            AccessRulesTranslator.onConnections(rbac.getRules(), serverNames, at.field("rules")))
        : Optional.empty();
  }

  private static TerminalFilter terminal(Filter filter, FieldPath path) {
    path.allowOnly(filter, Set.of("name", "typed_config"));
    FieldPath at = path.field("typed_config");
    Any config = filter.getTypedConfig();
    if (FieldPath.holds(config, HttpConnectionManager.getDefaultInstance())) {
      return TerminalFilterTranslator.http(
          at.unpack(
              config, HttpConnectionManager.class, HttpConnectionManager.getDefaultInstance()),
          at);
    }
    if (FieldPath.holds(config, TcpProxy.getDefaultInstance())) {
      return TerminalFilterTranslator.tcp(
          at.unpack(config, TcpProxy.class, TcpProxy.getDefaultInstance()), at);
    }
    throw at.invalid(
        config.getTypeUrl(),
        "HttpConnectionManager or TcpProxy (envoy.extensions.filters.network)");
  }
}
