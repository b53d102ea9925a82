package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.OutlierDetection;
import dev.heddle.dataplane.upstream.EndpointHealth.Interval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets endpoints aside that answer badly, as Envoy does (Outlier detection in its architecture
 * overview). Event loops report each attempt; rates are evaluated at intervals. Thread-safe: what
 * is counted per attempt is lock-free, only an ejection locks.
 */
final class OutlierDetector {
  private static final Logger LOGGER = LoggerFactory.getLogger(OutlierDetector.class);

  /** Why an endpoint was set aside; label {@code cause} of the counter. */
  enum Cause {
    CONSECUTIVE_ERRORS,
    CONSECUTIVE_GATEWAY_ERRORS,
    CONSECUTIVE_LOCAL_FAILURES,
    SUCCESS_RATE,
    LOCAL_SUCCESS_RATE,
    FAILURE_PERCENTAGE,
    LOCAL_FAILURE_PERCENTAGE
  }

  private final String cluster;
  private final OutlierDetection settings;
  private final ClusterHealth health;
  private final HealthMetrics metrics;
  private final RandomGenerator random;
  private final LongSupplier nanoTime;
  private final Map<EndpointHealth, Ejection> history = new HashMap<>();

  /** An endpoint's ejections; guarded by the detector. */
  private static final class Ejection {
    private int multiplier;
    private long until;
  }

  /**
   * @param random safe on any thread
   * @param nanoTime {@link System#nanoTime}
   */
  OutlierDetector(
      String cluster,
      OutlierDetection settings,
      ClusterHealth health,
      HealthMetrics metrics,
      RandomGenerator random,
      LongSupplier nanoTime) {
    this.cluster = cluster;
    this.settings = settings;
    this.health = health;
    this.metrics = metrics;
    this.random = random;
    this.nanoTime = nanoTime;
  }

  OutlierDetection settings() {
    return settings;
  }

  /** Counts an attempt. Called on event loops. */
  void observe(EndpointHealth endpoint, Outcome outcome) {
    if (outcome == Outcome.NEUTRAL) {
      return;
    }
    if (settings.splitLocalFailures()) {
      endpoint.connections.count(!outcome.local());
      if (outcome.local()) {
        inARow(
            endpoint,
            endpoint.consecutiveLocalFailures,
            settings.consecutiveLocalFailures(),
            settings.enforcingConsecutiveLocalFailures(),
            Cause.CONSECUTIVE_LOCAL_FAILURES);
        return;
      }
      clear(endpoint.consecutiveLocalFailures);
    }
    boolean error =
        switch (outcome) {
          case SUCCESS, NEUTRAL -> false;
          case TOO_MANY_REQUESTS -> settings.ejectTooManyRequests();
          case SERVER_ERROR, GATEWAY_ERROR, CONNECT_FAILURE, TIMEOUT, RESET -> true;
        };
    endpoint.answers.count(!error);
    if (!error) {
      clear(endpoint.consecutiveErrors);
      clear(endpoint.consecutiveGatewayErrors);
      return;
    }
    if (outcome == Outcome.SERVER_ERROR || outcome == Outcome.TOO_MANY_REQUESTS) {
      clear(endpoint.consecutiveGatewayErrors);
    } else {
      inARow(
          endpoint,
          endpoint.consecutiveGatewayErrors,
          settings.consecutiveGatewayErrors(),
          settings.enforcingConsecutiveGatewayErrors(),
          Cause.CONSECUTIVE_GATEWAY_ERRORS);
    }
    inARow(
        endpoint,
        endpoint.consecutiveErrors,
        settings.consecutiveErrors(),
        settings.enforcingConsecutiveErrors(),
        Cause.CONSECUTIVE_ERRORS);
  }

  /** Reads first, so that a healthy endpoint's counter stays in every processor's cache. */
  private static void clear(AtomicInteger counter) {
    if (counter.get() != 0) {
      counter.set(0);
    }
  }

  private void inARow(
      EndpointHealth endpoint, AtomicInteger counter, int threshold, int enforcing, Cause cause) {
    if (counter.incrementAndGet() == threshold) {
      counter.set(0);
      eject(endpoint, cause, enforcing);
    }
  }

  private synchronized void eject(EndpointHealth endpoint, Cause cause, int enforcing) {
    if (endpoint.ejected() || random.nextInt(100) >= enforcing) {
      return;
    }
    long ejected = health.endpoints().stream().filter(EndpointHealth::ejected).count();
    boolean room =
        100.0 * (ejected + 1) / Math.max(1, health.endpoints().size())
            <= settings.maxEjectionPercent();
    if (!room && !(settings.alwaysEjectOne() && ejected == 0)) {
      metrics.ejectionOverflow();
      return;
    }
    Ejection ejection = history.computeIfAbsent(endpoint, first -> new Ejection());
    long base = settings.baseEjectionTime().toNanos();
    long longest = settings.maxEjectionTime().toNanos();
    if (ejection.multiplier <= longest / base) {
      ejection.multiplier++;
    }
    long jitter = settings.ejectionJitter().toNanos();
    long time =
        Math.min(base * ejection.multiplier, longest) + (jitter > 0 ? random.nextLong(jitter) : 0);
    ejection.until = nanoTime.getAsLong() + time;
    endpoint.eject(true);
    health.changed();
    metrics.ejected(cause);
    LOGGER
        .atWarn()
        .addKeyValue("cluster", cluster)
        .addKeyValue("endpoint", endpoint.address())
        .addKeyValue("cause", cause)
        .addKeyValue("seconds", time / 1_000_000_000L)
        .log("an endpoint is set aside");
  }

  /** An active health check found the endpoint well. */
  synchronized void checkSucceeded(EndpointHealth endpoint) {
    if (settings.unejectWhenChecked() && endpoint.ejected()) {
      bringBack(endpoint);
    }
  }

  /** Brings back whose time is over, and evaluates rates. Called every interval. */
  synchronized void evaluate() {
    long now = nanoTime.getAsLong();
    List<EndpointHealth> endpoints = List.copyOf(health.endpoints());
    history.keySet().retainAll(endpoints);
    for (EndpointHealth endpoint : endpoints) {
      Ejection ejection = history.get(endpoint);
      if (ejection == null) {
        continue;
      }
      if (!endpoint.ejected()) {
        ejection.multiplier = Math.max(0, ejection.multiplier - 1);
      } else if (now - ejection.until >= 0) {
        bringBack(endpoint);
      }
    }
    List<Observed> answers = new ArrayList<>(endpoints.size());
    List<Observed> connections = new ArrayList<>(endpoints.size());
    for (EndpointHealth endpoint : endpoints) {
      answers.add(new Observed(endpoint, endpoint.answers.take()));
      connections.add(new Observed(endpoint, endpoint.connections.take()));
    }
    OutlierDetection.SuccessRate rate = settings.successRate();
    OutlierDetection.FailurePercentage percentage = settings.failurePercentage();
    ejectBelowOthers(answers, rate.enforcing(), Cause.SUCCESS_RATE);
    ejectAbove(answers, percentage.enforcing(), Cause.FAILURE_PERCENTAGE);
    if (settings.splitLocalFailures()) {
      ejectBelowOthers(connections, rate.enforcingLocal(), Cause.LOCAL_SUCCESS_RATE);
      ejectAbove(connections, percentage.enforcingLocal(), Cause.LOCAL_FAILURE_PERCENTAGE);
    }
  }

  /** All that were set aside come back, because nothing looks after them any more. */
  synchronized void end() {
    for (EndpointHealth endpoint : health.endpoints()) {
      if (endpoint.ejected()) {
        bringBack(endpoint);
      }
    }
  }

  private record Observed(EndpointHealth endpoint, Interval interval) {}

  /** Those in use that had enough requests to be judged by their share of failures. */
  private static List<Observed> valid(List<Observed> all, int requestVolume) {
    return all.stream()
        .filter(observed ->
            !observed.endpoint().ejected()
                && observed.interval().total() >= Math.max(1, requestVolume))
        .toList();
  }

  private void ejectBelowOthers(List<Observed> all, int enforcing, Cause cause) {
    OutlierDetection.SuccessRate rate = settings.successRate();
    List<Observed> valid = valid(all, rate.requestVolume());
    if (enforcing == 0 || valid.isEmpty() || valid.size() < rate.minimumHosts()) {
      return;
    }
    double mean =
        valid.stream().mapToDouble(observed -> observed.interval().successPercent()).sum()
            / valid.size();
    double variance =
        valid.stream()
                .mapToDouble(observed -> Math.pow(observed.interval().successPercent() - mean, 2))
                .sum()
            / valid.size();
    double threshold = mean - rate.deviations() * Math.sqrt(variance);
    for (Observed observed : valid) {
      if (observed.interval().successPercent() < threshold) {
        eject(observed.endpoint(), cause, enforcing);
      }
    }
  }

  private void ejectAbove(List<Observed> all, int enforcing, Cause cause) {
    OutlierDetection.FailurePercentage percentage = settings.failurePercentage();
    List<Observed> valid = valid(all, percentage.requestVolume());
    if (enforcing == 0 || valid.isEmpty() || valid.size() < percentage.minimumHosts()) {
      return;
    }
    for (Observed observed : valid) {
      if (100 - observed.interval().successPercent() >= percentage.threshold()) {
        eject(observed.endpoint(), cause, enforcing);
      }
    }
  }

  private void bringBack(EndpointHealth endpoint) {
    endpoint.consecutiveErrors.set(0);
    endpoint.consecutiveGatewayErrors.set(0);
    endpoint.consecutiveLocalFailures.set(0);
    endpoint.eject(false);
    health.changed();
    metrics.returned();
    LOGGER
        .atInfo()
        .addKeyValue("cluster", cluster)
        .addKeyValue("endpoint", endpoint.address())
        .log("an endpoint that was set aside is back");
  }
}
