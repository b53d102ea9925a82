package dev.heddle.e2e.workload;

import static org.awaitility.Awaitility.await;

import dev.heddle.e2e.workload.LoadGenerator.Event;
import dev.heddle.e2e.workload.LoadGenerator.Load;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

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

  /**
   * A clock of another machine, in microseconds.
   *
   * @param ahead by how much it is ahead of ours, give or take half of the round trip
   */
  private record Reading(long roundTrip, long ahead) {

    /** What it shows at a time of our clock, at the earliest. */
    long earliest(long ours) {
      return ours + ahead - (roundTrip + 1) / 2;
    }
  }

  /** Makes the changes, one after the other, under the load that notices them. */
  public static ChangeTimes measure(LoadGenerator prober, Load load, Change change, int changes) {
    List<Double> written = new ArrayList<>();
    List<Double> effective = new ArrayList<>();
    LoadGenerator.Run run = prober.start(load);
    try {
      await().atMost(LONGEST).until(() -> run.report().requests() >= SETTLED);
      for (int number = 0; number < changes; number++) {
        Reading clock = read(prober);
        long begin = microseconds();
        change.write(number);
        written.add((microseconds() - begin) / MICROSECONDS_PER_MILLISECOND);
        long answered = settled(run, clock.earliest(begin), number, change);
        effective.add((answered - clock.ahead() - begin) / MICROSECONDS_PER_MILLISECOND);
      }
    } finally {
      run.stop();
    }
    return new ChangeTimes(written, effective);
  }

  private static long settled(LoadGenerator.Run run, long begin, int number, Change change) {
    try {
      return awaitSettled(run, begin, number, change);
    } catch (ConditionTimeoutException never) {
      throw new AssertionError(
          "change %d is not obeyed within %s; since it was written: %s, answered otherwise than before: %s"
              .formatted(number, LONGEST, run.since(begin), run.events(begin)),
          never);
    }
  }

  private static long awaitSettled(LoadGenerator.Run run, long begin, int number, Change change) {
    return await()
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

  /** The quickest of some answers, which is the most exact. */
  private static Reading read(LoadGenerator there) {
    return Stream.generate(() -> readOnce(there))
        .limit(CLOCK_READINGS)
        .min(Comparator.comparingLong(Reading::roundTrip))
        .orElseThrow();
  }

  private static Reading readOnce(LoadGenerator there) {
    long before = microseconds();
    long now = there.now();
    long after = microseconds();
    return new Reading(after - before, now - (before + after) / 2);
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
