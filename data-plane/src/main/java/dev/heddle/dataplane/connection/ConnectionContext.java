package dev.heddle.dataplane.connection;

import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.meshapi.identity.SpiffeId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A downstream connection whose filter chain is chosen and whose TLS, if any, is established.
 *
 * @param listener the one that serves, after the original destination was looked up
 * @param originalDestination where the client meant to go; the local address where nothing was
 *     redirected
 * @param peer who the client proved to be by mTLS; null on plaintext
 * @param mutualTls whether the connection is mesh mTLS; only then are Heddle's own headers believed
 */
public record ConnectionContext(
    Listener listener,
    FilterChain filterChain,
    InetSocketAddress source,
    InetSocketAddress originalDestination,
    @Nullable SpiffeId peer,
    boolean mutualTls) {

  public TrafficDirection direction() {
    return listener.direction();
  }
}
