package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import java.util.function.Supplier;

/**
 * What is under way to one cluster, held against its limits. What was counted is taken back on the
 * same breaker, also when the cluster has another by then.
 */
public final class CircuitBreaker {
  private final Count connections;
  private final Count pending;
  private final Count requests;
  private final Count retries;

  private CircuitBreaker(Supplier<Count> count) {
    this.connections = count.get();
    this.pending = count.get();
    this.requests = count.get();
    this.retries = count.get();
  }

  /** For one event loop, without synchronization. */
  public static CircuitBreaker ofLoop() {
    return new CircuitBreaker(Count.OfLoop::new);
  }

  /** For all event loops together. */
  public static CircuitBreaker ofProcess() {
    return new CircuitBreaker(Count.OfProcess::new);
  }

  /** Whether another connection may be opened; it is not counted yet. */
  public boolean connectionAllowed(Cluster.Limits limits) {
    return connections.now() < limits.maxConnections();
  }

  boolean tryConnection(Cluster.Limits limits) {
    return connections.tryAdd(limits.maxConnections());
  }

  void connectionOpened() {
    connections.add();
  }

  void connectionClosed() {
    connections.remove();
  }

  /** Counts a request that waits for a connection, unless there are too many. */
  public boolean tryPending(Cluster.Limits limits) {
    return pending.tryAdd(limits.maxPendingRequests());
  }

  public void pendingEnded() {
    pending.remove();
  }

  /** Counts a request, unless there are too many. */
  public boolean tryRequest(Cluster.Limits limits) {
    return requests.tryAdd(limits.maxRequests());
  }

  public void requestEnded() {
    requests.remove();
  }

  /** Counts a retry, unless there are too many. */
  public boolean tryRetry(Cluster.Limits limits) {
    return retries.tryAdd(limits.maxRetries(requests.now()));
  }

  public void retryEnded() {
    retries.remove();
  }
}
