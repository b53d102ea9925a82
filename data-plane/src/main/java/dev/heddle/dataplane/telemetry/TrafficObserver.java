package dev.heddle.dataplane.telemetry;

/**
 * Told of every request and connection when it ends. Called on event loops: no blocking, no lock,
 * no allocation that can be avoided.
 */
public interface TrafficObserver {

  void requestFinished(RequestReport report);

  /** The copy of a request was sent to a cluster, or could not be. */
  default void requestMirrored(String cluster, MirrorOutcome outcome) {}

  void connectionOpened(ConnectionReport report);

  /** Also called at intervals for long connections, with the bytes since the last call. */
  void bytesCarried(ConnectionReport report, long sent, long received);

  void connectionClosed(ConnectionReport report);
}
