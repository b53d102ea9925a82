package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.ProxyConfiguration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * What event loops share of clusters that have circuit breakers, outlier detection or health
 * checks; nothing for others. Thread-safe.
 */
public final class SharedClusters {
  private final ScheduledExecutorService timers;
  private final HealthMetrics metrics;
  private final Map<String, SharedCluster> clusters = new ConcurrentHashMap<>();

  /**
   * @param timers where rates are evaluated at intervals, briefly
   */
  public SharedClusters(ScheduledExecutorService timers, HealthMetrics metrics) {
    this.timers = timers;
    this.metrics = metrics;
  }

  /** Null for a cluster of which nothing is shared. */
  public @Nullable SharedCluster of(Cluster cluster) {
    if (!shares(cluster)) {
      return null;
    }
    SharedCluster known = clusters.get(cluster.name());
    return known == null ? begin(cluster) : known;
  }

  private SharedCluster begin(Cluster cluster) {
    return clusters.computeIfAbsent(
        cluster.name(),
        name -> {
          SharedCluster created = new SharedCluster(name, timers, metrics);
          created.configure(cluster);
          return created;
        });
  }

  /** Takes over a configuration; called for each in turn. */
  public void apply(ProxyConfiguration configuration) {
    for (Cluster cluster : configuration.clusters().values()) {
      SharedCluster shared = of(cluster);
      if (shared != null) {
        shared.configure(cluster);
      }
    }
    clusters
        .entrySet()
        .removeIf(entry -> {
          Cluster cluster = configuration.cluster(entry.getKey());
          if (cluster != null && shares(cluster)) {
            return false;
          }
          entry.getValue().end();
          return true;
        });
  }

  private static boolean shares(Cluster cluster) {
    return cluster.limits().processWide()
        || cluster.outlierDetection() != null
        || !cluster.healthChecks().isEmpty();
  }
}
