package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.ProxyProtocol;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.tcp.UpstreamLeg;
import dev.heddle.dataplane.tls.TlsConnection;
import org.jspecify.annotations.Nullable;

/**
 * Where an accepted connection is on its way to a terminal filter.
 *
 * <pre>
 * Accepted --> Preamble (PROXY protocol, where the listener asks for it)
 *    |            |
 *    +------------+
 *            |
 *            +--> Discovering --+
 *            |                  v
 *            +------------> Detecting --silence--> Speculating
 *            |                  |                    |     |
 *            |             first bytes         client|     |server
 *            |                  v                    |     |
 *            +------------> chain chosen <-----------+     |
 *                            |      |                      |
 *                         TLS|      |plaintext             |
 *                            v      |                      |
 *                        Securing   |                      |
 *                            |      |                      |
 *                            v      v                      v
 *                        Recognizing (HTTP, version open)  |
 *                                   |                      |
 *                                   v                      |
 *                              Established <---------------+
 *
 * any --> Closed
 * </pre>
 */
sealed interface ConnectionState {

  /** Nothing is known. */
  record Accepted() implements ConnectionState {}

  /** Reading what another proxy says of the connection, before its own bytes. */
  record Preamble(Listener listener, ProxyProtocol settings) implements ConnectionState {}

  /** Asking whose destination this is. Nothing is read: bytes stay in the kernel. */
  record Discovering() implements ConnectionState {}

  /** Reading the first bytes. */
  record Detecting(Listener listener) implements ConnectionState {}

  /**
   * The client is silent; a connection to the server is opened ahead of it. Whoever speaks first
   * decides.
   *
   * @param leg null once no server could be reached: then only the client can decide
   */
  record Speculating(
      Listener listener,
      FilterChain chain,
      TerminalFilter.TcpProxy filter,
      @Nullable UpstreamLeg leg)
      implements ConnectionState {}

  /**
   * In the TLS handshake of the chosen chain.
   *
   * @param serverName that the client asks for; null where nobody looked
   */
  record Securing(
      Listener listener, FilterChain chain, TlsConnection tls, @Nullable String serverName)
      implements ConnectionState {}

  /** HTTP for certain, but not yet which version. */
  record Recognizing(ConnectionContext context, TerminalFilter.HttpConnectionManager filter)
      implements ConnectionState {}

  /** A terminal filter has it. */
  record Established() implements ConnectionState {}

  record Closed() implements ConnectionState {}
}
