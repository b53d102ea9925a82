package dev.heddle.dataplane.transport;

import java.time.Duration;

/**
 * Options of every TCP socket.
 *
 * @param backlog connections the kernel holds that are not accepted yet, at least 1
 * @param keepAliveIdle silence after which the kernel asks whether the peer is still there
 * @param keepAliveInterval time between such questions
 * @param keepAliveProbes unanswered questions that end the connection, at least 1
 * @param userTimeout how long sent bytes may stay unacknowledged, or a peer may refuse to read,
 *     before the kernel ends the connection (TCP_USER_TIMEOUT, tcp(7)). Long enough for an app that
 *     pauses, shorter than the kernel's own quarter of an hour for a node that is gone
 */
public record SocketSettings(
    int backlog,
    Duration keepAliveIdle,
    Duration keepAliveInterval,
    int keepAliveProbes,
    Duration userTimeout) {

  public static final SocketSettings DEFAULT =
      new SocketSettings(
          4096, Duration.ofSeconds(60), Duration.ofSeconds(10), 6, Duration.ofMinutes(5));
}
