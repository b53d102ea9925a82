package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.LiveConfiguration;
import dev.heddle.dataplane.config.ProxyConfiguration;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.upstream.EndpointTls;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.NameResolution;
import dev.heddle.dataplane.upstream.SharedCluster;
import dev.heddle.dataplane.upstream.SharedClusters;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.channel.EventLoopGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks the endpoints of all clusters that ask for it, each cluster on one event loop. */
public final class HealthChecks {
  private final HealthLoops loops;
  private final LiveConfiguration configuration;
  private final SharedClusters shared;
  private final NameResolution names;
  private final EndpointTls tls;
  private final HealthMetrics metrics;
  private final Map<String, ClusterChecker> checkers = new HashMap<>();

  public HealthChecks(
      EventLoopGroup group,
      UpstreamConnector connector,
      LiveConfiguration configuration,
      SharedClusters shared,
      NameResolution names,
      EndpointTls tls,
      HealthMetrics metrics) {
    this.loops = new HealthLoops(group, connector, HttpLimits.DEFAULT, configuration);
    this.configuration = configuration;
    this.shared = shared;
    this.names = names;
    this.tls = tls;
    this.metrics = metrics;
  }

  /** Checks what the configuration asks for, from now on. */
  public synchronized void apply(ProxyConfiguration current) {
    checkers
        .entrySet()
        .removeIf(entry -> {
          Cluster cluster = current.cluster(entry.getKey());
          if (cluster != null && entry.getValue().serves(cluster)) {
            entry.getValue().endpointsChanged();
            return false;
          }
          entry.getValue().stop();
          return true;
        });
    for (Cluster cluster : current.clusters().values()) {
      if (!cluster.healthChecks().isEmpty() && !checkers.containsKey(cluster.name())) {
        begin(cluster);
      }
    }
  }

  private void begin(Cluster cluster) {
    SharedCluster state = shared.of(cluster);
    if (state == null) {
      throw new IllegalStateException(cluster.name() + " has health checks and no state for them");
    }
    ClusterChecker checker =
        new ClusterChecker(
            loops.next(),
            cluster,
            cluster.healthChecks().getFirst(),
            state,
            () -> endpoints(cluster),
            tls,
            metrics);
    checkers.put(cluster.name(), checker);
    checker.start();
  }

  private List<Endpoint> endpoints(Cluster cluster) {
    List<Endpoint> assigned = configuration.current().endpoints(cluster.name()).endpoints();
    return switch (cluster.discovery()) {
      case ASSIGNED -> assigned;
      case DNS -> names.resolved(assigned);
      case ORIGINAL_DESTINATION -> List.of();
    };
  }
}
