package dev.heddle.dataplane.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of Envoy's documentation: Priority levels, Panic threshold. */
final class PriorityLoadsTest {

  @ParameterizedTest
  @CsvSource({
    // healthy of P0 and P1 in percent, traffic to P0 and P1, panic of P0 and P1
    "100, 100, 100, 0, false, false",
    "72, 100, 100, 0, false, false",
    "71, 100, 99, 1, false, false",
    "50, 100, 70, 30, false, false",
    "25, 100, 35, 65, false, false",
    "0, 100, 0, 100, false, false",
    "25, 25, 50, 50, true, true",
    "5, 65, 8, 92, true, false",
    "0, 0, 50, 50, true, true"
  })
  void followTheDocumentation(
      int first, int second, int toFirst, int toSecond, boolean panicFirst, boolean panicSecond) {
    PriorityLoads loads =
        PriorityLoads.of(
            new PriorityLoads.Level[] {
              new PriorityLoads.Level(first, 100), new PriorityLoads.Level(second, 100)
            },
            140,
            50);
    assertThat(loads.percent(0)).isEqualTo(toFirst);
    assertThat(loads.percent(1)).isEqualTo(toSecond);
    assertThat(loads.panic(0)).isEqualTo(panicFirst);
    assertThat(loads.panic(1)).isEqualTo(panicSecond);
  }
}
