package dev.heddle.dataplane.connection;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.meshapi.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A downstream connection whose filter chain is chosen and whose TLS, if any, is established.
 *
 * @param listener the one that serves, after the original destination was looked up
 * @param source the client, as the PROXY protocol says if the listener asks for it
 * @param directSource who opened the connection, whatever the PROXY protocol says
 * @param originalDestination where the client meant to go; the local address where nothing was
 *     redirected
 * @param peer who the client proved to be by mTLS; null on plaintext
 * @param principals the names in the certificate that the client proved to own, in the order in
 *     which access rules look at them; empty without one
 * @param mutualTls whether the connection is mesh mTLS; only then are Heddle's own headers believed
 */
public record ConnectionContext(
    Listener listener,
    FilterChain filterChain,
    InetSocketAddress source,
    InetSocketAddress directSource,
    InetSocketAddress originalDestination,
    @Nullable SpiffeId peer,
    List<String> principals,
    boolean mutualTls) {

  /** A connection that the client opened itself, known by its SPIFFE id if at all. */
  public ConnectionContext(
      Listener listener,
      FilterChain filterChain,
      InetSocketAddress source,
      InetSocketAddress originalDestination,
      @Nullable SpiffeId peer,
      boolean mutualTls) {
    this(
        listener,
        filterChain,
        source,
        source,
        originalDestination,
        peer,
        peer == null ? List.of() : List.of(peer.toString()),
        mutualTls);
  }

  public TrafficDirection direction() {
    return listener.direction();
  }
}
