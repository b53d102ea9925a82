package dev.heddle.dataplane.tls;

import java.time.Duration;

/**
 * Bounds of TLS.
 *
 * @param handshakeTimeout of a handshake with a client
 * @param maxHandshakes with clients at a time, per event loop, at least 1
 * @param maxContexts kept per event loop, at least 1; the least recently used goes first
 */
public record TlsSettings(Duration handshakeTimeout, int maxHandshakes, int maxContexts) {

  public static final TlsSettings DEFAULT = new TlsSettings(Duration.ofSeconds(10), 2000, 512);
}
