package dev.heddle.dataplane.http.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestTargetTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "*, *",
    "/a/b?c=/../d, /a/b?c=/../d",
    "/a/./b, /a/b",
    "/a/../b, /b",
    "/a/b/.., /a/",
    "/a/b/., /a/b/",
    "/../../a, /a",
    "/a/%2e%2E/b?q, /b?q",
    "/a/.%2e/b, /b",
    "/a//b, /a//b",
    "/a/..//b, //b",
    "/a%2Fb, /a%2Fb",
    "/a%2fb..c, /a%2fb..c",
    "/.well-known/x, /.well-known/x",
    "/a/.../b, /a/.../b",
    "/a/..b/c, /a/..b/c",
    "/a?b=%zz, /a?b=%zz",
    "/%41, /%41"
  })
  void normalizes(String target, String expected) throws Exception {
    assertThat(RequestTarget.normalize(target)).isEqualTo(expected);
    assertThat(RequestTarget.normalize(expected)).as("normalizing twice").isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a/b",
        "/a b",
        "/a#b",
        "/a?b#c",
        "/a\\b",
        "/a\u0000",
        "/a\u00e4",
        "/%",
        "/%4",
        "/%4/",
        "/%gg",
        "/a%00b",
        "/..%2fb",
        "/a/%2e%2e%5cb",
        "/a%2f..",
        "/a%2f../b",
        "/a%2F%2e%2e%2Fb",
        "/a/..;x=1/b",
        "/a/.;/b"
      })
  void refuses(String target) {
    assertThatThrownBy(() -> RequestTarget.normalize(target))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("expected");
  }
}
