package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import dev.heddle.dataplane.upstream.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Endpoints for requests that only name their cluster. One per event loop. */
final class ClusterEndpoints {
  private static final InetSocketAddress NO_DESTINATION =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final LiveConfiguration configuration;
  private final Upstreams upstreams;

  /** What there is of a cluster. */
  sealed interface Choice {
    /** Its load counts from now on. */
    record Picked(Cluster cluster, PickedEndpoint endpoint) implements Choice {}

    /** The configuration has no such cluster. */
    record NoCluster() implements Choice {}

    /** None of the cluster's endpoints is healthy. */
    record NoEndpoint() implements Choice {}
  }

  ClusterEndpoints(LiveConfiguration configuration, Upstreams upstreams) {
    this.configuration = configuration;
    this.upstreams = upstreams;
  }

  /** Picks an endpoint of the cluster as it is configured now. */
  Choice pick(String name) {
    ProxyConfiguration current = configuration.current();
    Cluster cluster = current.cluster(name);
    if (cluster == null) {
      return new Choice.NoCluster();
    }
    @Nullable PickedEndpoint picked = upstreams.pick(current, cluster, NO_DESTINATION, Set.of(), 0);
    return picked == null ? new Choice.NoEndpoint() : new Choice.Picked(cluster, picked);
  }
}
