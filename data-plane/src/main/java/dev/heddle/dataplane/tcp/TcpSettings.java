package dev.heddle.dataplane.tcp;

import java.time.Duration;

/**
 * Bounds of connections carried as bytes.
 *
 * @param connectAttempts to endpoints of a cluster for one connection, at least 1
 * @param halfClosedTimeout bound on silence after one side has ended its direction
 * @param linger bound on delivering what is buffered when a connection ends
 * @param reportInterval between reports of the bytes of long connections
 */
public record TcpSettings(
    int connectAttempts, Duration halfClosedTimeout, Duration linger, Duration reportInterval) {

  public static final TcpSettings DEFAULT =
      new TcpSettings(3, Duration.ofMinutes(15), Duration.ofSeconds(10), Duration.ofSeconds(10));
}
