package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Endpoint;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The health of a cluster's endpoints, as health checks and outlier detection see it. Thread-safe;
 * event loops notice a change by its version.
 */
public final class ClusterHealth {
  private final Map<InetSocketAddress, EndpointHealth> endpoints = new ConcurrentHashMap<>();
  private final AtomicInteger version = new AtomicInteger();
  private volatile @Nullable List<Endpoint> assigned;
  private volatile boolean checking;

  /** Takes over an assignment; what is known of an address outlives it. */
  // The same object means that nothing has changed.
  @SuppressWarnings("ReferenceEquality")
  public void assign(List<Endpoint> current) {
    if (assigned == current) {
      return;
    }
    synchronized (this) {
      Set<InetSocketAddress> addresses = HashSet.newHashSet(current.size());
      for (Endpoint endpoint : current) {
        addresses.add(endpoint.address());
        endpoints.computeIfAbsent(endpoint.address(), EndpointHealth::new);
      }
      endpoints.keySet().retainAll(addresses);
      assigned = current;
    }
  }

  /** Null for an address that is not assigned. */
  public @Nullable EndpointHealth of(InetSocketAddress address) {
    return endpoints.get(address);
  }

  Collection<EndpointHealth> endpoints() {
    return endpoints.values();
  }

  /** Whether an endpoint may be used, all else being well. */
  boolean usable(EndpointHealth endpoint) {
    return !endpoint.ejected()
        && (!checking || endpoint.checked() == EndpointHealth.Checked.HEALTHY);
  }

  /**
   * Whether only endpoints that passed a check are used. Until the first round of checks is over,
   * nothing is known of any.
   */
  public void checking(boolean active) {
    if (checking != active) {
      checking = active;
      changed();
    }
  }

  /**
   * An active health check has found out how an endpoint is.
   *
   * @return whether that is news
   */
  public boolean checked(EndpointHealth endpoint, boolean healthy) {
    EndpointHealth.Checked result =
        healthy ? EndpointHealth.Checked.HEALTHY : EndpointHealth.Checked.UNHEALTHY;
    if (endpoint.checked() == result) {
      return false;
    }
    endpoint.checked(result);
    changed();
    return true;
  }

  void changed() {
    version.incrementAndGet();
  }

  /** Grows with every change. */
  int version() {
    return version.get();
  }
}
