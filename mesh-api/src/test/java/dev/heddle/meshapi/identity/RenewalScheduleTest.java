package dev.heddle.meshapi.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RenewalScheduleTest {
  private final RenewalSchedule schedule = new RenewalSchedule(new Random(7));
  private final Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void renewsAroundHalfLife() {
    for (int i = 0; i < 1000; i++) {
      assertThat(schedule.afterSuccess(now, now, now.plus(Duration.ofHours(24))))
          .isBetween(Duration.ofMinutes(648), Duration.ofMinutes(792));
    }
  }

  @Test
  void renewsSoonButNotAtOnceWhenHalfLifeIsPast() {
    assertThat(schedule.afterSuccess(now, now.minusSeconds(100), now.plusSeconds(10)))
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void backsOffExponentiallyUpToAMinute() {
    assertThat(schedule.afterFailure(1)).isBetween(Duration.ofMillis(125), Duration.ofMillis(250));
    assertThat(schedule.afterFailure(4)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(schedule.afterFailure(Integer.MAX_VALUE))
        .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
  }
}
