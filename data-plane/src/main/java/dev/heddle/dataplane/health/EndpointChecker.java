package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.health.Probe.Result;
import dev.heddle.dataplane.upstream.ClusterHealth;
import dev.heddle.dataplane.upstream.EndpointHealth;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.SharedCluster;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks one endpoint again and again. Used on its event loop only.
 *
 * <pre>
 * Waiting --interval--> Queued --slot--> Probing --result, timeout--> Waiting
 *    |                     |                |
 *    +---------------------+--- stop -------+--> Stopped
 * </pre>
 */
final class EndpointChecker {
  private static final Logger LOGGER = LoggerFactory.getLogger(EndpointChecker.class);

  /** Makes a check of this endpoint. */
  @FunctionalInterface
  interface Probes {
    Probe begin(Probe.Listener listener);
  }

  private final EventLoop eventLoop;
  private final String address;
  private final HealthCheck check;
  private final Probes probes;
  private final ProbeSlots slots;
  private final SharedCluster cluster;
  private final EndpointHealth health;
  private final HealthMetrics metrics;
  private final RandomGenerator random;
  private final Runnable afterResult;

  private boolean stopped;
  private boolean known;
  private boolean healthy;
  private int successes;
  private int failures;
  private @Nullable Probe probe;
  private @Nullable ScheduledFuture<?> timer;

  EndpointChecker(
      EventLoop eventLoop,
      String address,
      HealthCheck check,
      Probes probes,
      ProbeSlots slots,
      SharedCluster cluster,
      EndpointHealth health,
      HealthMetrics metrics,
      RandomGenerator random,
      Runnable afterResult) {
    this.eventLoop = eventLoop;
    this.address = address;
    this.check = check;
    this.probes = probes;
    this.slots = slots;
    this.cluster = cluster;
    this.health = health;
    this.metrics = metrics;
    this.random = random;
    this.afterResult = afterResult;
  }

  void start() {
    slots.take(this);
  }

  boolean stopped() {
    return stopped;
  }

  /** Whether it has found something out yet. */
  boolean known() {
    return known;
  }

  void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel(false);
    }
    Probe underWay = probe;
    if (underWay != null) {
      probe = null;
      underWay.cancel();
      eventLoop.execute(slots::release);
    }
  }

  /** Begins a check; called with a slot, which it gives back. */
  void probe() {
    Probe begun = probes.begin(this::done);
    probe = begun;
    timer =
        schedule(
            check.timeout(),
            () -> {
              begun.cancel();
              done(
                  new Result.Unhealthy(
                      "no answer within " + check.timeout().toMillis() + " ms", false));
            });
    begun.start();
  }

  private void done(Result result) {
    if (stopped || probe == null) {
      return;
    }
    probe = null;
    if (timer != null) {
      timer.cancel(false);
    }
    judge(result);
    // Not within: the next check may be over at once as well, and so on.
    eventLoop.execute(slots::release);
    Duration pause = healthy ? check.interval() : check.unhealthyInterval();
    long jitter = check.jitter().toNanos();
    timer =
        schedule(
            jitter > 0 ? pause.plusNanos(random.nextLong(jitter)) : pause, () -> slots.take(this));
  }

  private void judge(Result result) {
    boolean first = !known;
    known = true;
    switch (result) {
      case Result.Healthy() -> {
        failures = 0;
        successes++;
        if (first || successes >= check.healthyThreshold()) {
          healthy = true;
        }
        cluster.checkSucceeded(health);
      }
      case Result.Unhealthy(String reason, boolean immediate) -> {
        successes = 0;
        failures++;
        if (first || immediate || failures >= check.unhealthyThreshold()) {
          healthy = false;
        }
        LOGGER
            .atDebug()
            .addKeyValue("endpoint", address)
            .addKeyValue("reason", reason)
            .log("a health check failed");
      }
    }
    metrics.checked(result instanceof Result.Healthy);
    ClusterHealth all = cluster.health();
    if (all.checked(health, healthy)) {
      tell(result);
    }
    afterResult.run();
  }

  private void tell(Result result) {
    switch (result) {
      case Result.Healthy() ->
          LOGGER.atInfo().addKeyValue("endpoint", address).log("an endpoint is healthy");
      case Result.Unhealthy(String reason, boolean ignored) ->
          LOGGER
              .atWarn()
              .addKeyValue("endpoint", address)
              .addKeyValue("reason", reason)
              .log("an endpoint is unhealthy");
    }
  }

  private ScheduledFuture<?> schedule(Duration delay, Runnable task) {
    return eventLoop.schedule(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOGGER
                .atError()
                .setCause(e)
                .addKeyValue("endpoint", address)
                .log("a health check could not be made");
          }
        },
        delay.toNanos(),
        TimeUnit.NANOSECONDS);
  }
}
