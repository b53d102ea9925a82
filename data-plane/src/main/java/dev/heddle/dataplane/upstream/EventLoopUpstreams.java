package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
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
  private final Predicate<InetAddress> ownPod;
  private final NameResolution names;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final Map<String, ClusterState> clusters = new HashMap<>();
  private long sweptVersion;

  /**
   * @param ownPod whether an address is this pod's own: its app is spoken to in plaintext
   * @param nanoTime {@link System#nanoTime}
   */
  public EventLoopUpstreams(
      Predicate<InetAddress> ownPod,
      NameResolution names,
      RandomGenerator random,
      LongSupplier nanoTime) {
    this.ownPod = ownPod;
    this.names = names;
    this.random = random;
    this.nanoTime = nanoTime;
  }

  @Override
  public @Nullable PickedEndpoint pick(
      ProxyConfiguration configuration,
      Cluster cluster,
      InetSocketAddress originalDestination,
      Set<InetSocketAddress> avoid) {
    sweep(configuration);
    return switch (cluster.discovery()) {
      case ORIGINAL_DESTINATION -> new Original(cluster, original(originalDestination));
      case ASSIGNED ->
          balanced(cluster, configuration.endpoints(cluster.name()).endpoints(), avoid);
      case DNS ->
          balanced(
              cluster, names.resolved(configuration.endpoints(cluster.name()).endpoints()), avoid);
    };
  }

  private @Nullable PickedEndpoint balanced(
      Cluster cluster, List<Endpoint> endpoints, Set<InetSocketAddress> avoid) {
    long now = nanoTime.getAsLong();
    ClusterState state = clusters.computeIfAbsent(cluster.name(), name -> new ClusterState());
    state.assign(endpoints, now);
    Candidate candidate = state.pick(cluster.loadBalancing(), random, now, avoid);
    if (candidate == null) {
      return null;
    }
    candidate.state().started();
    return new Balanced(cluster, candidate);
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

  private @Nullable UpstreamTls tls(Cluster cluster, Endpoint endpoint) {
    if (ownPod.test(endpoint.address().getAddress())) {
      return null;
    }
    for (Cluster.TransportSocket socket : cluster.transportSockets()) {
      if (endpoint.transportSocketMatch().entrySet().containsAll(socket.match().entrySet())) {
        return socket.tls();
      }
    }
    return cluster.defaultTls();
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
    private boolean finished;

    Balanced(Cluster cluster, Candidate candidate) {
      this.cluster = cluster;
      this.candidate = candidate;
      this.tls = EventLoopUpstreams.this.tls(cluster, candidate.endpoint());
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
    public void finished(long latencyNanos, boolean failed) {
      if (finished) {
        throw new IllegalStateException(
            "finished twice: " + cluster.name() + " " + endpoint().address());
      }
      finished = true;
      candidate.state().finished(latencyNanos, failed, nanoTime.getAsLong());
    }
  }

  /** Where the client meant to go: there is nothing to choose and nothing to learn. */
  private final class Original implements PickedEndpoint {
    private final Cluster cluster;
    private final Endpoint endpoint;

    Original(Cluster cluster, Endpoint endpoint) {
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
      return EventLoopUpstreams.this.tls(cluster, endpoint);
    }

    @Override
    public void finished(long latencyNanos, boolean failed) {}
  }
}
