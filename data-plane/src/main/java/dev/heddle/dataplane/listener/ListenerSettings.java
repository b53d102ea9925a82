package dev.heddle.dataplane.listener;

import java.time.Duration;

/**
 * Bounds of accepting.
 *
 * @param speculationDelay how long a client may be silent before the connection to the server is
 *     opened ahead of it, in case the server speaks first
 * @param helloGrace how long the words of a server that spoke first are held back where a client of
 *     an address not known yet may begin TLS; of those known to do so, up to the detection timeout
 * @param detectionTimeout bound on a client that has begun to say what could be HTTP or TLS and
 *     does not go on; then its bytes are carried as they are
 * @param silenceTimeout bound on a client that says nothing at all where only the client can speak
 *     first
 */
public record ListenerSettings(
    Duration speculationDelay,
    Duration helloGrace,
    Duration detectionTimeout,
    Duration silenceTimeout) {

  public static final ListenerSettings DEFAULT =
      new ListenerSettings(
          Duration.ofMillis(5), Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofHours(1));
}
