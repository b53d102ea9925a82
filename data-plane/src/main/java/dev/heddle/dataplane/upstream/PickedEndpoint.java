package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.UpstreamTls;
import org.jspecify.annotations.Nullable;

/** An endpoint chosen for one request or connection. */
public interface PickedEndpoint {

  Cluster cluster();

  Endpoint endpoint();

  /** What is spoken to it; null for plaintext, also when the endpoint is this very pod. */
  @Nullable UpstreamTls tls();

  /** What of the cluster is counted against its limits. */
  CircuitBreaker breaker();

  /**
   * Ends the load it counts for; exactly once.
   *
   * @param latencyNanos time to the first byte of the answer; negative when there was none
   */
  void finished(long latencyNanos, Outcome outcome);
}
