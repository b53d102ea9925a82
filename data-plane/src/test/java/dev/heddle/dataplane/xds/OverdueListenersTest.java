package dev.heddle.dataplane.xds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OverdueListenersTest {
  private static final long SECOND = 1_000_000_000L;

  private final OverdueListeners listeners = new OverdueListeners(Duration.ofSeconds(5));

  @Test
  void tellsOnceWhatHasWaitedTooLong() {
    Map<String, String> waiting = Map.of("a", "cluster x");
    assertThat(listeners.update(waiting, 0)).isEmpty();
    assertThat(listeners.update(waiting, 4 * SECOND)).isEmpty();
    assertThat(listeners.update(waiting, 5 * SECOND)).isEqualTo(waiting);
    assertThat(listeners.update(waiting, 6 * SECOND)).isEmpty();
    assertThat(listeners.overdue()).isEqualTo(waiting);
  }

  @Test
  void forgetsWhatCameAndBeginsAnewForAnotherResource() {
    listeners.update(Map.of("a", "cluster x", "b", "cluster y"), 0);
    listeners.update(Map.of("a", "endpoints x"), 4 * SECOND);
    assertThat(listeners.update(Map.of("a", "endpoints x"), 6 * SECOND)).isEmpty();
    assertThat(listeners.overdue()).isEmpty();
    assertThat(listeners.update(Map.of("a", "endpoints x"), 9 * SECOND))
        .isEqualTo(Map.of("a", "endpoints x"));
    assertThat(listeners.update(Map.of(), 10 * SECOND)).isEmpty();
    assertThat(listeners.overdue()).isEmpty();
  }
}
