package dev.heddle.dataplane.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By W3C Trace Context, 3.3. */
final class TraceStateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE|rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
        "fw529a3039@dt=FfQgGmD5,1a@b=c|fw529a3039@dt=FfQgGmD5,1a@b=c",
        "a=1 ,  b=2,,c=3|a=1,b=2,c=3",
        "a_-*/=  x y~|a_-*/=  x y~",
      })
  void passesOn(String header, String expected) {
    assertThat(TraceState.of(List.of(header))).isEqualTo(expected);
  }

  @Test
  void joinsSeveralHeaders() {
    assertThat(TraceState.of(List.of("a=1", "b=2,c=3"))).isEqualTo("a=1,b=2,c=3");
    assertThat(TraceState.of(List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "=1", "A=1", "1a=1", "a@1b=1", "a=1=2", "a=é", "a b=1", "a="})
  void isInvalid(String header) {
    assertThat(TraceState.of(List.of(header))).isEmpty();
  }

  @Test
  void hasThirtyTwoMembersAtMost() {
    assertThat(TraceState.of(List.of(members(32, "v")))).isEqualTo(members(32, "v"));
    assertThat(TraceState.of(List.of(members(33, "v")))).isEmpty();
  }

  @Test
  void cutsWhatIsTooLongByWholeMembers() {
    String large = "large=" + "x".repeat(130);
    String state = large + "," + members(30, "x".repeat(12));
    assertThat(TraceState.of(List.of(state)))
        .isEqualTo(members(30, "x".repeat(12)).substring(0, 30 * 17 - 18 + 17))
        .hasSizeLessThanOrEqualTo(512);
    assertThat(TraceState.of(List.of(members(32, "x".repeat(20)))))
        .isEqualTo(members(20, "x".repeat(20)))
        .hasSizeLessThanOrEqualTo(512);
    assertThat(TraceState.of(List.of("a=" + "x".repeat(20_000)))).isEmpty();
  }

  /** Each has four characters and the value's. */
  private static String members(int count, String value) {
    return IntStream.range(10, 10 + count)
        .mapToObj(i -> "k" + i + "=" + value)
        .collect(Collectors.joining(","));
  }
}
