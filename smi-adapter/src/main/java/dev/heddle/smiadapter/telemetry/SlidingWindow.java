package dev.heddle.smiadapter.telemetry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What happened on every edge lately. Its memory depends on the number of edges and on how many
 * steps of time are told apart, not on requests: for each edge at most {@value #STEPS} sparse
 * histograms, and usually one for each report within the window.
 */
public final class SlidingWindow {

  /** Edges. A thousand pods that call twenty others each have 40,000, both sides counted. */
  public static final int MAX_EDGES = 50_000;

  private static final int STEPS = 60;
  private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);

  private final Supplier<Duration> span;
  private final int maxEdges;
  private final LongSupplier nanoTime;
  private final Map<Edge, EdgeHistory> histories = new ConcurrentHashMap<>();

  /**
   * A window in which nothing happened yet.
   *
   * @param span how far back it reaches; may change
   * @param maxEdges how many edges it holds at most
   * @param nanoTime a clock that only goes forward, in nanoseconds
   */
  public SlidingWindow(Supplier<Duration> span, int maxEdges, LongSupplier nanoTime) {
    this.span = span;
    this.maxEdges = maxEdges;
    this.nanoTime = nanoTime;
  }

  /** How far back it reaches. */
  public Duration span() {
    return span.get();
  }

  /**
   * Takes counts of an interval. What is older than the window is nothing to it.
   *
   * @param age how long ago the interval ended
   * @return false if there is no room for another edge
   */
  public boolean add(Edge edge, Counts counts, Duration age) {
    if (age.compareTo(span()) >= 0) {
      return true;
    }
    if (histories.size() >= maxEdges && !histories.containsKey(edge)) {
      return false;
    }
    long now = nanoTime.getAsLong();
    long time = now - age.toNanos();
    long end = now - span().toNanos();
    histories.compute(
        edge,
        (_, known) -> {
          EdgeHistory history = known == null ? new EdgeHistory() : known;
          history.add(time, step(), counts);
          history.forget(end);
          return history;
        });
    return true;
  }

  /**
   * The sums of all edges that had traffic.
   *
   * @param back how far back; what is longer than the window is as long as the window
   */
  public List<EdgeTotals> read(Duration back) {
    Duration reach = back.compareTo(span()) < 0 ? back : span();
    long end = nanoTime.getAsLong() - reach.toNanos();
    List<EdgeTotals> totals = new ArrayList<>();
    histories.forEach((edge, history) -> {
      Counts counts = history.since(end);
      if (counts.requests() > 0) {
        totals.add(new EdgeTotals(edge, counts));
      }
    });
    return totals;
  }

  /** Forgets edges that had no traffic within the window. */
  public void sweep() {
    long end = nanoTime.getAsLong() - span().toNanos();
    for (Edge edge : histories.keySet()) {
      histories.computeIfPresent(
          edge,
          (_, history) -> {
            history.forget(end);
            return history.isEmpty() ? null : history;
          });
    }
  }

  /** How many edges are held. */
  public int size() {
    return histories.size();
  }

  /**
   * Nanoseconds. Times are not rounded to it, or a window would have a report too few now and then.
   */
  private long step() {
    return Math.max(SHORTEST_STEP.toNanos(), span().toNanos() / STEPS);
  }
}
