package dev.heddle.smiadapter.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.meshapi.telemetry.LatencyHistogram;
import dev.heddle.smiadapter.state.ObjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SlidingWindowTest {

  private static final Duration SPAN = Duration.ofSeconds(30);
  private static final Duration NOW = Duration.ZERO;

  private final AtomicLong clock = new AtomicLong(Duration.ofHours(1).toNanos());
  private final SlidingWindow window = new SlidingWindow(() -> SPAN, 100, clock::get);

  @Test
  void sumsUpWhatHappenedWithinTheWindow() {
    window.add(edge("web-1"), counts(10, 1), NOW);
    pass(5);
    window.add(edge("web-1"), counts(20, 2), NOW);
    window.add(edge("web-2"), counts(5, 0), NOW);

    assertThat(window.read(SPAN))
        .containsExactlyInAnyOrder(
            new EdgeTotals(edge("web-1"), counts(10, 1).plus(counts(20, 2))),
            new EdgeTotals(edge("web-2"), counts(5, 0)));
    pass(26);
    assertThat(window.read(SPAN)).contains(new EdgeTotals(edge("web-1"), counts(20, 2)));
    pass(30);
    assertThat(window.read(SPAN)).isEmpty();
  }

  @Test
  void looksBackAsFarAsAsked() {
    window.add(edge("web-1"), counts(10, 0), NOW);
    pass(10);
    window.add(edge("web-1"), counts(1, 0), NOW);

    assertThat(requests(Duration.ofSeconds(5))).isEqualTo(1);
    assertThat(requests(Duration.ofSeconds(15))).isEqualTo(11);
    assertThat(requests(Duration.ofHours(1))).isEqualTo(11);
  }

  @Test
  void whatWasDelayedCountsWhenItHappened() {
    window.add(edge("web-1"), counts(1, 0), NOW);
    window.add(edge("web-1"), counts(10, 0), Duration.ofSeconds(20));
    window.add(edge("web-1"), counts(100, 0), Duration.ofSeconds(40));

    assertThat(requests(SPAN)).isEqualTo(11);
    assertThat(requests(Duration.ofSeconds(10))).isEqualTo(1);
    pass(15);
    assertThat(requests(SPAN)).isEqualTo(1);
  }

  @Test
  void everyFiveSecondsGivesTheRateExactly() {
    for (int i = 0; i < 100; i++) {
      pass(5);
      window.add(edge("web-1"), counts(50, 0), NOW);
      if (i >= 6) {
        assertThat(requests(SPAN)).as("after report %d", i).isEqualTo(300);
      }
    }
  }

  /** Reports of every five seconds, looked at at any moment between them. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 300, 999, 1_000, 2_500, 4_999})
  void theRateIsExactAtAnyMoment(long millis) {
    for (int i = 0; i < 10; i++) {
      pass(5);
      window.add(edge("web-1"), counts(50, 0), NOW);
    }
    clock.addAndGet(Duration.ofMillis(millis).toNanos());

    assertThat(requests(SPAN)).isEqualTo(300);
  }

  @Test
  void memoryIsBoundedByEdgesAndTime() {
    EdgeHistory history = new EdgeHistory();
    for (int i = 0; i < 10_000; i++) {
      history.add(7, 1, counts(1, 0));
    }
    assertThat(history.size()).isEqualTo(1);
    assertThat(history.since(0).requests()).isEqualTo(10_000);
    for (int i = 999; i >= 0; i--) {
      history.add(1_000 + i, 1_000, counts(1, 0));
    }
    assertThat(history.size()).isEqualTo(2);

    for (int i = 0; i < 150; i++) {
      boolean taken = window.add(edge("web-" + i), counts(1, 0), NOW);
      assertThat(taken).isEqualTo(i < 100);
    }
    assertThat(window.size()).isEqualTo(100);
    assertThat(window.add(edge("web-7"), counts(1, 0), NOW)).isTrue();
  }

  @Test
  void forgetsEdgesThatAreIdle() {
    window.add(edge("web-1"), counts(1, 0), NOW);
    pass(20);
    window.add(edge("web-2"), counts(1, 0), NOW);
    pass(11);

    window.sweep();

    assertThat(window.size()).isEqualTo(1);
  }

  /** Against a list of everything that was ever added. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void isTheSumOfItsParts(long seed) {
    record Added(long second, long requests) {}
    Random random = new Random(seed);
    List<Added> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      pass(random.nextInt(4));
      int age = random.nextInt(40);
      long requests = random.nextInt(1000);
      window.add(edge("web-1"), counts(requests, 0), Duration.ofSeconds(age));
      all.add(new Added(now() - age, requests));
      if (random.nextInt(20) == 0) {
        window.sweep();
      }
      int back = 1 + random.nextInt(30);
      long expected =
          all.stream()
              .filter(added -> added.second() > now() - back)
              .mapToLong(Added::requests)
              .sum();
      assertThat(requests(Duration.ofSeconds(back))).isEqualTo(expected);
    }
  }

  private long requests(Duration back) {
    return window.read(back).stream().mapToLong(edge -> edge.counts().requests()).sum();
  }

  private void pass(int seconds) {
    clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private long now() {
    return Duration.ofNanos(clock.get()).toSeconds();
  }

  static Edge edge(String pod) {
    return new Edge(
        Side.SERVER, new Party("shop", "web", "Deployment", pod), Party.UNKNOWN, null, null);
  }

  static Edge client(String pod, Party peer, ObjectName service, ObjectName apex) {
    return new Edge(
        Side.CLIENT, new Party("shop", "client", "Deployment", pod), peer, service, apex);
  }

  static Counts counts(long successes, long failures) {
    long[] latencies = new long[(int) Math.min(successes + failures, 50)];
    Arrays.setAll(latencies, i -> 1_000 + 100L * i);
    return new Counts(successes, failures, LatencyHistogram.of(latencies));
  }
}
