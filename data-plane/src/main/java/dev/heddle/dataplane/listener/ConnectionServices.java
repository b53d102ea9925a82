package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.connection.ConnectionHandover;
import dev.heddle.dataplane.discovery.DestinationDiscovery;
import dev.heddle.dataplane.lifecycle.OpenConnections;
import dev.heddle.dataplane.overload.MemoryGuard;
import dev.heddle.dataplane.tcp.TcpProxy;
import dev.heddle.dataplane.tls.TlsContexts;
import dev.heddle.dataplane.tls.TlsSettings;
import dev.heddle.dataplane.transport.PerEventLoop;

/** What accepting a connection takes. */
public record ConnectionServices(
    LiveConfiguration configuration,
    DestinationDiscovery discovery,
    PerEventLoop<TlsContexts> tlsContexts,
    TlsSettings tlsSettings,
    TcpProxy tcpProxy,
    ConnectionHandover http,
    OpenConnections connections,
    MemoryGuard memory,
    ListenerMetrics metrics,
    ListenerSettings settings) {}
