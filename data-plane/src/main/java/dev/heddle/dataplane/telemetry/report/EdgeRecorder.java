package dev.heddle.dataplane.telemetry.report;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.meshapi.telemetry.v1.Counts;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Peer;
import dev.heddle.meshapi.telemetry.v1.ServiceName;
import dev.heddle.meshapi.telemetry.v1.Side;
import dev.heddle.meshapi.telemetry.v1.SparseHistogram;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one edge since they were last reported. Any thread may record, until the edge is
 * closed, which is only done to one where everything recorded was reported.
 */
final class EdgeRecorder {

  private static final long ONE_SUCCESS = 1;

  /** An interval is far too short for as many successes. */
  private static final long ONE_FAILURE = 1L << 32;

  private static final long CLOSED = Long.MIN_VALUE;

  private final Side side;
  private final @Nullable Workload peer;
  private final Cluster.@Nullable Destination service;
  private final String routes;

  /** Successes in the lower half, failures in the upper one; negative once closed. */
  private final AtomicLong counts = new AtomicLong();

  private final LatencyRecorder latency = new LatencyRecorder();

  /** Requests that were reported before their latency. Touched by the reporting thread alone. */
  private long latenciesToCome;

  /** How many reports in a row had nothing of this edge. Touched by the reporting thread alone. */
  private int idleReports;

  /**
   * An edge.
   *
   * @param peer null for all that have no edge of their own
   * @param service whose endpoints get the requests; null where not known, and at the server
   * @param routes the name of the route configuration, which names the service that was meant;
   *     empty where there is none
   */
  EdgeRecorder(
      Side side, @Nullable Workload peer, Cluster.@Nullable Destination service, String routes) {
    this.side = side;
    this.peer = peer;
    this.service = service;
    this.routes = routes;
  }

  boolean isOf(
      Side otherSide,
      Workload otherPeer,
      Cluster.@Nullable Destination otherService,
      String otherRoutes) {
    return side == otherSide
        && otherPeer.equals(peer)
        && Objects.equals(service, otherService)
        && routes.equals(otherRoutes);
  }

  /** A place in a table. Of the parts that tell edges apart, whose hashes strings remember. */
  int hash() {
    return peer == null ? 0 : hash(side, peer, service, routes);
  }

  static int hash(Side side, Workload peer, Cluster.@Nullable Destination service, String routes) {
    int hash = side.getNumber();
    hash = 31 * hash + peer.pod().hashCode();
    hash = 31 * hash + peer.name().hashCode();
    hash = 31 * hash + peer.namespace().hashCode();
    hash = 31 * hash + (service == null ? 0 : service.service().hashCode());
    hash = 31 * hash + routes.hashCode();
    return hash ^ hash >>> 16;
  }

  /** Counts a request; false if the edge is closed, and the request belongs somewhere else. */
  boolean record(boolean success, long micros) {
    if (counts.getAndAdd(success ? ONE_SUCCESS : ONE_FAILURE) < 0) {
      return false;
    }
    latency.record(micros);
    return true;
  }

  /** How many times in a row {@link #take} has found nothing. */
  int idleReports() {
    return idleReports;
  }

  /**
   * Ends the edge if there is nothing to report.
   *
   * @return whether it is closed now
   */
  boolean close() {
    return latenciesToCome == 0 && counts.compareAndSet(0, CLOSED);
  }

  /** What was recorded since the last call; null if nothing. */
  @Nullable EdgeReport take() {
    if (counts.get() == 0 && latenciesToCome == 0) {
      idleReports++;
      return null;
    }
    idleReports = 0;
    long taken = counts.getAndSet(0);
    long successes = taken & (ONE_FAILURE - 1);
    long failures = taken / ONE_FAILURE;
    SparseHistogram latencies = latency.take();
    if (taken == 0 && latencies.getCountsCount() == 0) {
      return null;
    }
    latenciesToCome += successes + failures;
    for (int i = 0; i < latencies.getCountsCount(); i++) {
      latenciesToCome -= latencies.getCounts(i);
    }
    EdgeReport.Builder report =
        EdgeReport.newBuilder()
            .setSide(side)
            .setCounts(
                Counts.newBuilder()
                    .setSuccesses(successes)
                    .setFailures(failures)
                    .setLatency(latencies));
    if (peer != null) {
      report.setPeer(
          Peer.newBuilder()
              .setNamespace(peer.namespace())
              .setWorkload(peer.name())
              .setWorkloadKind(peer.kind())
              .setPod(peer.pod()));
    }
    if (service != null && !service.service().isEmpty()) {
      report.setService(
          ServiceName.newBuilder().setNamespace(service.namespace()).setName(service.service()));
    }
    ServiceName apex = RouteNames.service(routes);
    if (apex != null) {
      report.setApex(apex);
    }
    return report.build();
  }
}
