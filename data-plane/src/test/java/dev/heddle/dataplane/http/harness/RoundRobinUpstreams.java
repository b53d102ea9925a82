package dev.heddle.dataplane.http.harness;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Takes endpoints in turn and checks that each pick is finished exactly once. */
final class RoundRobinUpstreams implements Upstreams {
  private final @Nullable UpstreamTls tls;
  private final Map<String, Integer> next = new HashMap<>();
  private final Map<String, CircuitBreaker> breakers = new HashMap<>();
  private final AtomicInteger picks = new AtomicInteger();
  private final AtomicInteger load = new AtomicInteger();

  RoundRobinUpstreams(@Nullable UpstreamTls tls) {
    this.tls = tls;
  }

  int picks() {
    return picks.get();
  }

  int load() {
    return load.get();
  }

  @Override
  public @Nullable PickedEndpoint pick(
      ProxyConfiguration configuration,
      Cluster cluster,
      InetSocketAddress originalDestination,
      Set<InetSocketAddress> avoid,
      long hash) {
    List<Endpoint> endpoints = configuration.endpoints(cluster.name()).endpoints();
    if (endpoints.isEmpty()) {
      return null;
    }
    int start = next.merge(cluster.name(), 1, Integer::sum);
    Endpoint chosen = endpoints.get(start % endpoints.size());
    for (int i = 0; i < endpoints.size() && avoid.contains(chosen.address()); i++) {
      chosen = endpoints.get((start + i) % endpoints.size());
    }
    picks.incrementAndGet();
    load.incrementAndGet();
    return new Picked(cluster, chosen);
  }

  private final class Picked implements PickedEndpoint {
    private final Cluster cluster;
    private final Endpoint endpoint;
    private boolean finished;

    private Picked(Cluster cluster, Endpoint endpoint) {
      this.cluster = cluster;
      this.endpoint = endpoint;
    }

    @Override
    public Cluster cluster() {
      return cluster;
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public @Nullable UpstreamTls tls() {
      return tls;
    }

    @Override
    public CircuitBreaker breaker() {
      return breakers.computeIfAbsent(cluster.name(), name -> CircuitBreaker.ofLoop());
    }

    @Override
    public void finished(long latencyNanos, Outcome outcome) {
      if (finished) {
        throw new IllegalStateException("finished twice");
      }
      finished = true;
      load.decrementAndGet();
    }
  }
}
