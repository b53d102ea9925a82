package dev.heddle.dataplane.config;

import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint.
 *
 * @param address resolved, or unresolved in a cluster of discovery DNS
 * @param weight relative to the other endpoints, at least 1
 * @param transportSocketMatch decides which TLS is spoken, see {@link Cluster#transportSockets}
 * @param workload what runs there, for metrics; null if not known
 */
public record Endpoint(
    InetSocketAddress address,
    Health health,
    int weight,
    Locality locality,
    Map<String, String> transportSocketMatch,
    @Nullable Workload workload) {

  public Endpoint {
    transportSocketMatch = Map.copyOf(transportSocketMatch);
  }

  public enum Health {
    HEALTHY,
    /** Finishes what it has; gets new requests only when there is no healthy one. */
    DRAINING,
    UNHEALTHY
  }

  /** Empty strings where not known. */
  public record Locality(String region, String zone) {
    public static final Locality UNKNOWN = new Locality("", "");
  }
}
