package dev.heddle.dataplane.http.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {
  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static int take(RetryBudget budget, long now) {
    int taken = 0;
    while (budget.tryRetry(now, false)) {
      taken++;
    }
    return taken;
  }

  @Test
  void allowsAFifthAndThreePerSecond() {
    RetryBudget budget = new RetryBudget();
    for (int i = 0; i < 1000; i++) {
      budget.request(seconds(100));
    }
    assertThat(take(budget, seconds(100))).isEqualTo(230);
    assertThat(take(budget, seconds(105))).isZero();
    assertThat(budget.tryRetry(seconds(105), true)).isTrue();
  }

  @Test
  void forgetsAfterTenSeconds() {
    RetryBudget budget = new RetryBudget();
    budget.request(seconds(5));
    assertThat(take(budget, seconds(5))).isEqualTo(30);
    assertThat(take(budget, seconds(14))).isZero();
    assertThat(take(budget, seconds(15))).isEqualTo(30);
    assertThat(take(budget, seconds(1000))).isEqualTo(30);
  }
}
