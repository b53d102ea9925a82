package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TerminalFilter.RouteSource;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.meshapi.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/** What the exchanges of one downstream connection share. */
public final class ConnectionScope {
  private final ConnectionContext context;
  private TerminalFilter.HttpConnectionManager filter;
  private final HttpProtocol protocol;
  private final DeadlineTimer timer;
  private final long streamIdleNanos;
  private final int maxRequests;
  private long followed;
  private int requests;
  private @Nullable String callerName;
  private Workload caller;

  public ConnectionScope(
      ConnectionContext context,
      TerminalFilter.HttpConnectionManager filter,
      HttpProtocol protocol,
      DeadlineTimer timer) {
    this.context = context;
    this.filter = filter;
    this.protocol = protocol;
    this.timer = timer;
    this.maxRequests = filter.connectionLimits().maxRequests();
    this.streamIdleNanos = filter.streamIdleTimeout().toNanos();
    this.caller = named("");
  }

  public ConnectionContext context() {
    return context;
  }

  /** Whether the server is the application beside this proxy. */
  boolean inbound() {
    return context.direction() == TrafficDirection.INBOUND;
  }

  /** What requests are served by, as of the newest of them. */
  public TerminalFilter.HttpConnectionManager filter() {
    return filter;
  }

  /**
   * What a request that begins now is served by: a connection outlives configurations, and what
   * they say of requests holds for its next request. What they say of connections does not: that is
   * as it was when the connection began.
   */
  TerminalFilter.HttpConnectionManager filter(ProxyConfiguration newest) {
    if (newest.version() != followed) {
      followed = newest.version();
      Listener now = newest.listeners().get(context.listener().name());
      if (now != null) {
        follow(now);
      }
    }
    return filter;
  }

  /** The routes of a request that begins now; null while they are not known. */
  @Nullable RouteConfiguration routes(ProxyConfiguration newest) {
    return switch (filter(newest).routes()) {
      case RouteSource.Inline inline -> inline.routes();
      case RouteSource.Named named -> newest.route(named.name());
    };
  }

  private void follow(Listener now) {
    FilterChain chain = now.successorOf(context.listener(), context.filterChain());
    if (chain != null
        && chain.terminalFilter() instanceof TerminalFilter.HttpConnectionManager successor) {
      filter = successor;
    }
  }

  public HttpProtocol protocol() {
    return protocol;
  }

  public DeadlineTimer timer() {
    return timer;
  }

  /** Counts a request; whether it is the last that the connection may carry. */
  public boolean lastRequest() {
    return maxRequests > 0 && ++requests >= maxRequests;
  }

  long streamIdleNanos() {
    return streamIdleNanos;
  }

  /**
   * The workload that calls: its name from {@code heddle-source} when that comes over mesh mTLS,
   * namespace and service account from the certificate whatever the header says.
   */
  Workload caller(@Nullable String meshSource) {
    if (meshSource == null || !context.mutualTls()) {
      return callerName == null ? caller : named("");
    }
    if (!meshSource.equals(callerName)) {
      int dot = meshSource.lastIndexOf('.');
      callerName = meshSource;
      caller = named(dot < 0 ? meshSource : meshSource.substring(0, dot));
    }
    return caller;
  }

  private Workload named(String name) {
    SpiffeId peer = context.peer();
    if (peer == null) {
      return Workload.UNKNOWN;
    }
    return new Workload(name, "", peer.namespace(), peer.serviceAccount(), "", "", "");
  }
}
