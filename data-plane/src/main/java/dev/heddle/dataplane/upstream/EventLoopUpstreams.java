package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.config.UpstreamTls;
import dev.heddle.dataplane.upstream.Candidates.Candidate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Load balancing of one event loop. */
public final class EventLoopUpstreams implements Upstreams {
  private final EndpointTls endpointTls;
  private final NameResolution names;
  private final SharedClusters shared;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final Map<String, ClusterState> clusters = new HashMap<>();
  private long sweptVersion;

  /**
   * @param ownPod whether an address is this pod's own: its app is spoken to in plaintext
   * @param shared what is known together with the other loops
   * @param nanoTime {@link System#nanoTime}
   */
  public EventLoopUpstreams(
      Predicate<InetAddress> ownPod,
      NameResolution names,
      SharedClusters shared,
      RandomGenerator random,
      LongSupplier nanoTime) {
    this.endpointTls = new EndpointTls(ownPod);
    this.names = names;
    this.shared = shared;
    this.random = random;
    this.nanoTime = nanoTime;
  }

  @Override
  public @Nullable PickedEndpoint pick(
      ProxyConfiguration configuration,
      Cluster cluster,
      InetSocketAddress originalDestination,
      Set<InetSocketAddress> avoid,
      long hash) {
    sweep(configuration);
    ClusterState state = clusters.get(cluster.name());
    if (state == null) {
      state = new ClusterState(cluster, shared.of(cluster));
      clusters.put(cluster.name(), state);
    }
    EndpointAssignment assignment = configuration.endpoints(cluster.name());
    return switch (cluster.discovery()) {
      case ORIGINAL_DESTINATION -> original(state, cluster, originalDestination);
      case ASSIGNED ->
          balanced(
              state,
              cluster,
              assignment.endpoints(),
              assignment.overprovisioningPercent(),
              avoid,
              hash);
      case DNS ->
          balanced(
              state,
              cluster,
              names.resolved(assignment.endpoints()),
              assignment.overprovisioningPercent(),
              avoid,
              hash);
    };
  }

  private @Nullable PickedEndpoint balanced(
      ClusterState state,
      Cluster cluster,
      List<Endpoint> endpoints,
      int overprovisioningPercent,
      Set<InetSocketAddress> avoid,
      long hash) {
    long now = nanoTime.getAsLong();
    state.assign(cluster, shared, endpoints, overprovisioningPercent, now);
    Candidate candidate = state.pick(random, now, avoid, hash);
    if (candidate == null) {
      return null;
    }
    candidate.state().started();
    return new Balanced(cluster, candidate, state);
  }

  private PickedEndpoint original(
      ClusterState state, Cluster cluster, InetSocketAddress destination) {
    state.assign(cluster, shared, List.of(), 100, 0);
    return new Original(cluster, original(destination), state.breaker());
  }

  /** Forgets clusters that are gone, once per configuration. */
  private void sweep(ProxyConfiguration configuration) {
    if (configuration.version() != sweptVersion) {
      sweptVersion = configuration.version();
      clusters
          .entrySet()
          .removeIf(
              entry -> configuration.cluster(entry.getKey()) == null && entry.getValue().idle());
    }
  }

  private static Endpoint original(InetSocketAddress destination) {
    return new Endpoint(
        destination, Endpoint.Health.HEALTHY, 1, Endpoint.Locality.UNKNOWN, Map.of(), null);
  }

  /** Chosen by load. */
  private final class Balanced implements PickedEndpoint {
    private final Cluster cluster;
    private final Candidate candidate;
    private final @Nullable UpstreamTls tls;
    private final CircuitBreaker breaker;
    private final @Nullable OutlierDetector detector;
    private boolean finished;

    Balanced(Cluster cluster, Candidate candidate, ClusterState state) {
      this.breaker = state.breaker();
      this.detector = state.detector();
      this.cluster = cluster;
      this.candidate = candidate;
      this.tls = endpointTls.of(cluster, candidate.endpoint());
    }

    @Override
    public Cluster cluster() {
      return cluster;
    }

    @Override
    public Endpoint endpoint() {
      return candidate.endpoint();
    }

    @Override
    public @Nullable UpstreamTls tls() {
      return tls;
    }

    @Override
    public CircuitBreaker breaker() {
      return breaker;
    }

    @Override
    public void finished(long latencyNanos, Outcome outcome) {
      if (finished) {
        throw new IllegalStateException(
            "finished twice: " + cluster.name() + " " + endpoint().address());
      }
      finished = true;
      candidate.state().finished(latencyNanos, outcome.avoid(), nanoTime.getAsLong());
      EndpointHealth health = candidate.health();
      if (detector != null && health != null) {
        detector.observe(health, outcome);
      }
    }
  }

  /** Where the client meant to go: there is nothing to choose and nothing to learn. */
  private final class Original implements PickedEndpoint {
    private final Cluster cluster;
    private final Endpoint endpoint;
    private final CircuitBreaker breaker;

    Original(Cluster cluster, Endpoint endpoint, CircuitBreaker breaker) {
      this.cluster = cluster;
      this.endpoint = endpoint;
      this.breaker = breaker;
    }

    @Override
    public CircuitBreaker breaker() {
      return breaker;
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
      return endpointTls.of(cluster, endpoint);
    }

    @Override
    public void finished(long latencyNanos, Outcome outcome) {}
  }
}
