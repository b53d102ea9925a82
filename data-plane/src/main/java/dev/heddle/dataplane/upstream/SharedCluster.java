package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.OutlierDetection;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all event loops share of one cluster. Thread-safe. */
public final class SharedCluster {
  private static final Logger LOGGER = LoggerFactory.getLogger(SharedCluster.class);

  private final String name;
  private final ScheduledExecutorService timers;
  private final HealthMetrics metrics;
  private final CircuitBreaker breaker = CircuitBreaker.ofProcess();
  private final ClusterHealth health = new ClusterHealth();
  private volatile @Nullable OutlierDetector detector;
  private @Nullable ScheduledFuture<?> evaluation;
  private boolean ended;

  SharedCluster(String name, ScheduledExecutorService timers, HealthMetrics metrics) {
    this.name = name;
    this.timers = timers;
    this.metrics = metrics;
  }

  CircuitBreaker breaker() {
    return breaker;
  }

  public ClusterHealth health() {
    return health;
  }

  @Nullable OutlierDetector detector() {
    return detector;
  }

  /** An active health check found an endpoint well. */
  public void checkSucceeded(EndpointHealth endpoint) {
    OutlierDetector current = detector;
    if (current != null) {
      current.checkSucceeded(endpoint);
    }
  }

  synchronized void configure(Cluster cluster) {
    OutlierDetection wanted = cluster.outlierDetection();
    OutlierDetector current = detector;
    if (ended || (current == null ? wanted == null : current.settings().equals(wanted))) {
      return;
    }
    stop();
    if (wanted != null) {
      OutlierDetector next =
          new OutlierDetector(
              name,
              wanted,
              health,
              metrics,
              () -> ThreadLocalRandom.current().nextLong(),
              System::nanoTime);
      detector = next;
      long interval = wanted.interval().toNanos();
      evaluation =
          timers.scheduleWithFixedDelay(
              () -> evaluate(next), interval, interval, TimeUnit.NANOSECONDS);
    }
  }

  /** Nothing of it is configured any more. */
  synchronized void end() {
    ended = true;
    stop();
  }

  private void stop() {
    if (evaluation != null) {
      evaluation.cancel(false);
      evaluation = null;
    }
    OutlierDetector current = detector;
    if (current != null) {
      detector = null;
      current.end();
    }
  }

  /** A timer that throws is not run again. */
  private void evaluate(OutlierDetector current) {
    try {
      current.evaluate();
    } catch (RuntimeException e) {
      LOGGER
          .atError()
          .setCause(e)
          .addKeyValue("cluster", name)
          .log("outlier detection could not be evaluated");
    }
  }
}
