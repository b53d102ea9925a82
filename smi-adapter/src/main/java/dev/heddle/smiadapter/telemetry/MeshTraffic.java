package dev.heddle.smiadapter.telemetry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The traffic of the whole mesh, whichever replica was told of it. Whoever asks within a second
 * gets the same answer, so that no number of watchers keeps the replicas busy.
 */
public final class MeshTraffic {

  /**
   * What happened.
   *
   * @param edges every edge once
   * @param silentReplicas how many replicas did not say what they know: that part is missing
   * @param at when it was summed up
   * @param span how far back
   */
  public record Snapshot(List<EdgeTotals> edges, int silentReplicas, Instant at, Duration span) {}

  private record Cached(Snapshot snapshot, long nanos) {}

  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final SlidingWindow window;
  private final Replicas replicas;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private @Nullable Cached cached;

  /** Asks nobody yet. */
  public MeshTraffic(SlidingWindow window, Replicas replicas, Clock clock, LongSupplier nanoTime) {
    this.window = window;
    this.replicas = replicas;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** How far back can be asked. */
  public Duration longestSpan() {
    return window.span();
  }

  /**
   * Sums up.
   *
   * @param span how far back, at most {@link #longestSpan}
   * @throws InterruptedException if the waiting thread is to end
   */
  public synchronized Snapshot read(Duration span) throws InterruptedException {
    Cached known = cached;
    long now = nanoTime.getAsLong();
    if (known != null
        && known.snapshot().span().equals(span)
        && now - known.nanos() < FRESH_NANOS) {
      return known.snapshot();
    }
    Replicas.Gathered others = replicas.gather(span);
    Map<Edge, Counts> sums = new LinkedHashMap<>();
    window.read(span).forEach(edge -> sums.merge(edge.edge(), edge.counts(), Counts::plus));
    others.edges().forEach(edge -> sums.merge(edge.edge(), edge.counts(), Counts::plus));
    Snapshot snapshot =
        new Snapshot(
            sums.entrySet().stream()
                .map(entry -> new EdgeTotals(entry.getKey(), entry.getValue()))
                .toList(),
            others.silent().size(),
            clock.instant(),
            span);
    cached = new Cached(snapshot, now);
    return snapshot;
  }
}
