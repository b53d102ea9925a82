package dev.heddle.meshapi.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  private final Environment environment =
      new Environment(
          Map.of("LIFE", "PT0S", "COUNT", "many", "LEVEL", "loud", "EMPTY", "", "GOOD", "PT24H"));

  @Test
  void namesVariableValueAndExpectation() {
    assertThatThrownBy(() ->
            environment.duration(
                "LIFE", Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(7)))
        .hasMessage("LIFE: PT0S (expected: an ISO-8601 duration from PT1M to PT168H)");
    assertThatThrownBy(() -> environment.integer("COUNT", 1, 1, 64))
        .hasMessage("COUNT: many (expected: a whole number from 1 to 64)");
    assertThatThrownBy(() -> environment.oneOf("LEVEL", "info", List.of("info", "debug")))
        .hasMessage("LEVEL: loud (expected: one of info, debug)");
    assertThatThrownBy(() -> environment.required("EMPTY", "a namespace"))
        .hasMessage("EMPTY: not set (expected: a namespace)");
  }

  @Test
  void takesTheDefaultOnlyIfNothingIsSet() {
    assertThat(environment.integer("EMPTY", 3, 1, 64)).isEqualTo(3);
    assertThat(
            environment.duration(
                "GOOD", Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(7)))
        .isEqualTo(Duration.ofHours(24));
  }
}
