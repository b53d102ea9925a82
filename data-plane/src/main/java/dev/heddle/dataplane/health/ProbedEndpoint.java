package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that is to be checked. It has been chosen by nobody, and counts against no limit of
 * its cluster: an overloaded endpoint is not an unhealthy one.
 */
record ProbedEndpoint(
    Cluster cluster, Endpoint endpoint, @Nullable UpstreamTls tls, CircuitBreaker breaker)
    implements PickedEndpoint {

  /** What is learnt goes to the health check, not to load balancing. */
  @Override
  public void finished(long latencyNanos, Outcome outcome) {}
}
