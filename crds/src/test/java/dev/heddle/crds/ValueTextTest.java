package dev.heddle.crds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.heddle.crds.install.DurationText;
import dev.heddle.crds.install.PortRange;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text forms of durations and ports. */
final class ValueTextTest {
  @ParameterizedTest
  @CsvSource({"24h,PT24H", "1h30m,PT1H30M", "90m,PT1H30M", "30s,PT30S", "0s,PT0S"})
  void readsDurations(String text, Duration expected) {
    assertThat(DurationText.parse(text)).isEqualTo(expected);
    assertThat(DurationText.parse(DurationText.format(expected))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1d", "30", "-1s", "1s1h", "PT1H", "1.5h"})
  void refusesWhatIsNoDuration(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurationText.parse(text))
        .withMessageStartingWith("duration: " + text + " (expected: ");
  }

  @ParameterizedTest
  @CsvSource({"80,80,80", "8000-8100,8000,8100", "1-65535,1,65535"})
  void readsPorts(String text, int first, int last) {
    assertThat(PortRange.of(text)).isEqualTo(new PortRange(first, last));
    assertThat(PortRange.of(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "65536", "9-8", "http", "80,81", "-1"})
  void refusesWhatIsNoPort(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PortRange.of(text))
        .withMessageStartingWith("port: ");
  }
}
