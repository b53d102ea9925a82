package dev.heddle.dataplane.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestFieldsTest {

  @ParameterizedTest
  @CsvSource({
    "/a, /a",
    "/a?, /a?",
    "/a?t=1, /a",
    "/a?t, /a",
    "/a?t=1&x=2, /a?x=2",
    "/a?x=2&t=1, /a?x=2",
    "/a?x=2&t=1&t&y=t=3, /a?x=2&y=t=3",
    "/a?tt=1&xt=2&x=%74, /a?tt=1&xt=2&x=%74",
    "/a?t=1&&x, /a?&x",
    "/t=1?x, /t=1?x",
  })
  void aParameterIsRemovedAndTheRestStaysAsItIs(String path, String expected) {
    assertThat(RequestFields.withoutQueryParameter("t", path)).isEqualTo(expected);
  }
}
