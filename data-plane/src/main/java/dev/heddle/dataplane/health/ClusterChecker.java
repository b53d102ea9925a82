package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.health.HealthLoops.HealthLoop;
import dev.heddle.dataplane.upstream.CircuitBreaker;
import dev.heddle.dataplane.upstream.EndpointHealth;
import dev.heddle.dataplane.upstream.EndpointTls;
import dev.heddle.dataplane.upstream.HealthMetrics;
import dev.heddle.dataplane.upstream.SharedCluster;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the endpoints of one cluster, on one event loop. */
final class ClusterChecker {
  private static final Logger LOGGER = LoggerFactory.getLogger(ClusterChecker.class);

  private final HealthLoop loop;
  private final Cluster cluster;
  private final HealthCheck check;
  private final SharedCluster shared;
  private final Supplier<List<Endpoint>> endpoints;
  private final EndpointTls tls;
  private final HealthMetrics metrics;
  private final CircuitBreaker breaker = CircuitBreaker.ofLoop();

  // On the event loop from here.
  private final Map<InetSocketAddress, EndpointChecker> checkers = new HashMap<>();
  private List<Endpoint> assigned = List.of();
  private @Nullable ScheduledFuture<?> following;
  private boolean firstRoundOver;
  private boolean stopped;

  /**
   * @param endpoints those of now, resolved
   */
  ClusterChecker(
      HealthLoop loop,
      Cluster cluster,
      HealthCheck check,
      SharedCluster shared,
      Supplier<List<Endpoint>> endpoints,
      EndpointTls tls,
      HealthMetrics metrics) {
    this.loop = loop;
    this.cluster = cluster.with(Cluster.Limits.DEFAULT);
    this.check = check;
    this.shared = shared;
    this.endpoints = endpoints;
    this.tls = tls;
    this.metrics = metrics;
  }

  /** Whether it does what the cluster asks for. */
  boolean serves(Cluster wanted) {
    return cluster.equals(wanted.with(Cluster.Limits.DEFAULT));
  }

  /** Begins, on the event loop. */
  void start() {
    loop.eventLoop()
        .execute(() -> {
          follow();
          long interval = check.interval().toNanos();
          following =
              loop.eventLoop()
                  .scheduleWithFixedDelay(this::follow, interval, interval, TimeUnit.NANOSECONDS);
        });
  }

  /** Looks at the endpoints now, rather than when an interval is over. */
  void endpointsChanged() {
    loop.eventLoop().execute(this::follow);
  }

  void stop() {
    loop.eventLoop()
        .execute(() -> {
          stopped = true;
          if (following != null) {
            following.cancel(false);
          }
          checkers.values().forEach(EndpointChecker::stop);
          checkers.clear();
          shared.health().checking(false);
        });
  }

  /** Checks those that came, and no longer those that went. */
  // The same object means that nothing has changed.
  @SuppressWarnings("ReferenceEquality")
  private void follow() {
    try {
      List<Endpoint> current = endpoints.get();
      if (!stopped && current != assigned) {
        assigned = current;
        follow(current);
      }
    } catch (RuntimeException e) {
      // A timer that throws is not run again.
      LOGGER
          .atError()
          .setCause(e)
          .addKeyValue("cluster", cluster.name())
          .log("endpoints to be checked could not be followed");
    }
  }

  private void follow(List<Endpoint> current) {
    shared.health().assign(current);
    Set<InetSocketAddress> wanted = HashSet.newHashSet(current.size());
    for (Endpoint endpoint : current) {
      wanted.add(endpoint.address());
      EndpointHealth health = shared.health().of(endpoint.address());
      if (health != null && !checkers.containsKey(endpoint.address())) {
        EndpointChecker checker = checker(endpoint, health);
        checkers.put(endpoint.address(), checker);
        checker.start();
      }
    }
    checkers
        .entrySet()
        .removeIf(entry -> {
          if (wanted.contains(entry.getKey())) {
            return false;
          }
          entry.getValue().stop();
          return true;
        });
  }

  private EndpointChecker checker(Endpoint endpoint, EndpointHealth health) {
    ProbedEndpoint probed =
        new ProbedEndpoint(cluster, endpoint, tls.of(cluster, endpoint), breaker);
    return new EndpointChecker(
        loop.eventLoop(),
        cluster.name() + " " + NetUtil.toSocketAddressString(endpoint.address()),
        check,
        listener -> probe(probed, listener),
        loop.slots(),
        shared,
        health,
        metrics,
        () -> ThreadLocalRandom.current().nextLong(),
        this::judged);
  }

  private Probe probe(ProbedEndpoint probed, Probe.Listener listener) {
    return switch (check.probe()) {
      case HealthCheck.Probe.Http http -> new HttpProbe(probed, http, loop.pools(), listener);
      case HealthCheck.Probe.Grpc grpc -> new GrpcProbe(probed, grpc, loop.pools(), listener);
      case HealthCheck.Probe.Tcp tcp ->
          new TcpProbe(loop.eventLoop(), probed, tcp, loop.connector(), listener);
    };
  }

  /** From when every endpoint has been checked once, only those are used that passed. */
  private void judged() {
    firstRoundOver = firstRoundOver || checkers.values().stream().allMatch(EndpointChecker::known);
    if (firstRoundOver) {
      shared.health().checking(true);
    }
  }
}
