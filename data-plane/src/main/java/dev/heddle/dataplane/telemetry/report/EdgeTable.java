package dev.heddle.dataplane.telemetry.report;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.meshapi.telemetry.v1.EdgeReport;
import dev.heddle.meshapi.telemetry.v1.Side;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The edges of this proxy that have traffic. Finding one that is there takes no lock and allocates
 * nothing; one that had no traffic for some reports is forgotten. There is room for a number of
 * edges, and one edge per side for what goes beyond.
 */
final class EdgeTable {

  /** Edges: a proxy whose app calls many services of many pods has some hundred. */
  static final int MAX_EDGES = 512;

  /** An edge without traffic in so many reports is forgotten. */
  private static final int MAX_IDLE_REPORTS = 12;

  private static final int FIRST_SIZE = 16;

  private final EdgeRecorder beyondOfClient = new EdgeRecorder(Side.SIDE_CLIENT, null, null, "");
  private final EdgeRecorder beyondOfServer = new EdgeRecorder(Side.SIDE_SERVER, null, null, "");

  /**
   * Open addressing, at most half full, its length a power of two. Recorders are only ever added to
   * an array; to forget some, the array is replaced.
   */
  private volatile @Nullable EdgeRecorder[] slots = new @Nullable EdgeRecorder[FIRST_SIZE];

  private int size;

  /** Requests that had no edge of their own. */
  private volatile boolean full;

  /**
   * Counts a request.
   *
   * @param peer the other end
   * @param service whose endpoint it went to; null where not known, and at the server
   * @param routes the name of the route configuration; empty where there is none
   */
  void record(
      Side side,
      Workload peer,
      Cluster.@Nullable Destination service,
      String routes,
      boolean success,
      long micros) {
    EdgeRecorder edge = edge(side, peer, service, routes);
    while (!edge.record(success, micros)) {
      // It was forgotten since it was found. Whoever forgets holds the lock until it is out of the
      // table.
      edge = add(side, peer, service, routes);
    }
  }

  private EdgeRecorder edge(
      Side side, Workload peer, Cluster.@Nullable Destination service, String routes) {
    @Nullable EdgeRecorder[] now = slots;
    int mask = now.length - 1;
    int at = EdgeRecorder.hash(side, peer, service, routes) & mask;
    EdgeRecorder found = now[at];
    while (found != null) {
      if (found.isOf(side, peer, service, routes)) {
        return found;
      }
      at = (at + 1) & mask;
      found = now[at];
    }
    return add(side, peer, service, routes);
  }

  /** How many edges are kept. */
  synchronized int size() {
    return size;
  }

  /** Whether the last new edge found no room. */
  boolean full() {
    return full;
  }

  /** What was recorded since the last call, and what has had no traffic for long is forgotten. */
  synchronized List<EdgeReport> take() {
    List<EdgeReport> reports = new ArrayList<>();
    List<EdgeRecorder> idle = new ArrayList<>();
    take(beyondOfClient, reports);
    take(beyondOfServer, reports);
    for (EdgeRecorder edge : slots) {
      if (edge != null) {
        take(edge, reports);
        if (edge.idleReports() >= MAX_IDLE_REPORTS && edge.close()) {
          idle.add(edge);
        }
      }
    }
    if (!idle.isEmpty()) {
      replace(slots.length, idle);
      full = false;
    }
    return reports;
  }

  private static void take(EdgeRecorder edge, List<EdgeReport> reports) {
    EdgeReport report = edge.take();
    if (report != null) {
      reports.add(report);
    }
  }

  private synchronized EdgeRecorder add(
      Side side, Workload peer, Cluster.@Nullable Destination service, String routes) {
    for (EdgeRecorder edge : slots) {
      if (edge != null && edge.isOf(side, peer, service, routes)) {
        return edge;
      }
    }
    if (size >= MAX_EDGES) {
      full = true;
      return side == Side.SIDE_CLIENT ? beyondOfClient : beyondOfServer;
    }
    if (2 * (size + 1) > slots.length) {
      replace(2 * slots.length, List.of());
    }
    EdgeRecorder added = new EdgeRecorder(side, peer, service, routes);
    @Nullable EdgeRecorder[] grown = slots.clone();
    place(grown, added);
    slots = grown;
    size++;
    return added;
  }

  private void replace(int length, List<EdgeRecorder> without) {
    @Nullable EdgeRecorder[] next = new @Nullable EdgeRecorder[length];
    int placed = 0;
    for (EdgeRecorder edge : slots) {
      if (edge != null && !without.contains(edge)) {
        place(next, edge);
        placed++;
      }
    }
    slots = next;
    size = placed;
  }

  private static void place(@Nullable EdgeRecorder[] into, EdgeRecorder edge) {
    int mask = into.length - 1;
    int at = edge.hash() & mask;
    while (into[at] != null) {
      at = (at + 1) & mask;
    }
    into[at] = edge;
  }
}
