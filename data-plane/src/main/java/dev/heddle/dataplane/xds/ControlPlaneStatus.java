package dev.heddle.dataplane.xds;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with the control plane, for people and metrics.
 *
 * @param since when the connection got into this state
 * @param lastFailure why the last stream ended; null if none did
 * @param lastResponse when the control plane last answered; null if never
 * @param types by type, all of them
 * @param overdue listeners that have waited too long for a resource, each with that resource
 */
public record ControlPlaneStatus(
    Connection connection,
    Instant since,
    @Nullable String lastFailure,
    @Nullable Instant lastResponse,
    Map<ResourceType, TypeStatus> types,
    Map<String, String> overdue) {

  public ControlPlaneStatus {
    types = Map.copyOf(types);
    overdue = Map.copyOf(overdue);
  }

  /** The life of the stream. */
  public enum Connection {
    /** A stream is being opened. */
    CONNECTING,
    /** The control plane has answered on this stream. */
    CONNECTED,
    /** Waiting until the next attempt. */
    DISCONNECTED
  }

  /**
   * How it stands with the resources of one type.
   *
   * @param subscribed number of names asked for
   * @param present of these, how many exist
   * @param rejected why the newest version of a resource is not used, by name
   */
  public record TypeStatus(int subscribed, int present, Map<String, String> rejected) {
    public TypeStatus {
      rejected = Map.copyOf(rejected);
    }
  }
}
