package dev.heddle.dataplane.config;

import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint.
 *
 * @param address resolved, or unresolved in a cluster of discovery DNS
 * @param weight relative to the other endpoints, at least 1
 * @param priority 0 is used first
 * @param localityWeight of its locality relative to the others of the priority; 0 gets nothing
 *     where localities are weighted
 * @param transportSocketMatch decides which TLS is spoken, see {@link Cluster#transportSockets}
 * @param workload what runs there, for metrics; null if not known
 * @param hashKey by which consistent hashing knows it; null for its address
 */
public record Endpoint(
    InetSocketAddress address,
    Health health,
    int weight,
    Locality locality,
    int priority,
    int localityWeight,
    Map<String, String> transportSocketMatch,
    @Nullable Workload workload,
    @Nullable String hashKey) {

  public Endpoint {
    transportSocketMatch = Map.copyOf(transportSocketMatch);
  }

  /** An endpoint of the first priority, in a locality like any other. */
  public Endpoint(
      InetSocketAddress address,
      Health health,
      int weight,
      Locality locality,
      Map<String, String> transportSocketMatch,
      @Nullable Workload workload) {
    this(address, health, weight, locality, 0, 1, transportSocketMatch, workload, null);
  }

  /** The same at another address. */
  public Endpoint at(InetSocketAddress newAddress) {
    return new Endpoint(
        newAddress,
        health,
        weight,
        locality,
        priority,
        localityWeight,
        transportSocketMatch,
        workload,
        hashKey);
  }

  public enum Health {
    HEALTHY,
    /** Finishes what it has; gets new requests only when there are too few healthy ones. */
    DRAINING,
    UNHEALTHY
  }

  /** Empty strings where not known. */
  public record Locality(String region, String zone) {
    public static final Locality UNKNOWN = new Locality("", "");
  }
}
