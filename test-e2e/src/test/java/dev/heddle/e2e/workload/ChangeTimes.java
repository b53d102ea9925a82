package dev.heddle.e2e.workload;

import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.workload.LoadGenerator.Event;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long changes take until they hold, in milliseconds.
 *
 * @param written from before the write until the API server has answered it, by change
 * @param effective from before the same write until the first answer since which all obey it
 */
public record ChangeTimes(List<Double> written, List<Double> effective) {

  /** Far more than any change may take. */
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** How many requests have to obey before the next change. */
  private static final int SETTLED = 20;

  private static final int CLOCK_READINGS = 5;
  private static final double MICROSECONDS_PER_MILLISECOND = 1000;

  /** A change that can be made again and again, each time to something else than before. */
  public interface Change {
    /** Writes it to the API server. */
    void write(int number);

    /** Whether that request can only have been answered so under the change of this number. */
    boolean obeyed(int number, Event answer);
  }

  /** A clock of another machine. */
  private record Reading(long roundTrip, long ahead) {}

  /** Makes the changes, one after the other, under the load that notices them. */
  public static ChangeTimes measure(LoadGenerator prober, Load load, Change change, int changes) {
    List<Double> written = new ArrayList<>();
    List<Double> effective = new ArrayList<>();
    LoadGenerator.Run run = prober.start(load);
    try {
      await().atMost(LONGEST).until(() -> run.report().requests() >= SETTLED);
      for (int number = 0; number < changes; number++) {
        long ahead = clockAhead(prober);
        long begin = microseconds() + ahead;
        change.write(number);
        written.add((microseconds() + ahead - begin) / MICROSECONDS_PER_MILLISECOND);
        long answered = settled(run, begin, number, change);
        effective.add((answered - begin) / MICROSECONDS_PER_MILLISECOND);
      }
    } finally {
      run.stop();
    }
    return new ChangeTimes(written, effective);
  }

  private static long settled(LoadGenerator.Run run, long begin, int number, Change change) {
    return await("change " + number + " obeyed")
        .atMost(LONGEST)
        // Each look goes through the API server, which has the change itself to serve.
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              List<Event> events = run.events(begin);
              if (events.isEmpty() || !change.obeyed(number, events.getLast())) {
                return 0L;
              }
              Event last = events.getLast();
              // An event that came meanwhile would make another one the last.
              return run.since(last.sent()).requests() >= SETTLED
                      && run.events(begin).size() == events.size()
                  ? last.answered()
                  : 0L;
            },
            answered -> answered > 0);
  }

  /** By how many microseconds, told by the quickest answer. */
  private static long clockAhead(LoadGenerator there) {
    Reading best = new Reading(Long.MAX_VALUE, 0);
    for (int i = 0; i < CLOCK_READINGS; i++) {
      long before = microseconds();
      long now = there.now();
      long after = microseconds();
      if (after - before < best.roundTrip()) {
        best = new Reading(after - before, now - (before + after) / 2);
      }
    }
    return best.ahead();
  }

  private static long microseconds() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  @Override
  public String toString() {
    return "%d changes: the API server has answered after %s; the change holds after %s"
        .formatted(effective.size(), shown(written), shown(effective));
  }

  private static String shown(List<Double> times) {
    List<Double> ordered = times.stream().sorted().toList();
    return String.format(
        Locale.ROOT,
        "%.1f ms (median; least %.1f, 90 %% %.1f, most %.1f)",
        ordered.get(ordered.size() / 2),
        ordered.getFirst(),
        ordered.get(ordered.size() * 9 / 10),
        ordered.getLast());
  }
}
