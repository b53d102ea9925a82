package dev.heddle.smiadapter.smi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import com.google.re2j.Pattern;
import dev.heddle.smiadapter.state.TextCondition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextConditionsTest {

  @ParameterizedTest
  @CsvSource({
    "/metrics,         /metrics,        true",
    "/metrics,         /metrics/all,    true",
    "/metrics,         /metricsx,       true",
    "/metrics,         /x/metrics,      false",
    "/metrics$,        /metrics,        true",
    "/metrics$,        /metrics/all,    false",
    "^/metrics,        /metrics/all,    true",
    "/a|/b,            /b/c,            true",
    "/a|/b,            /c/b,            false",
    "(?i)/METRICS,     /metrics/x,      true",
    ".*a-book.*new,    /buy/a-book/new, true",
    ".*,               /,               true",
    "/,                /anything,       true",
    "'',               /anything,       true",
    "/v1.0,            /v1x0,           true",
    "'/v1\\.0',        /v1x0,           false",
  })
  void aPathIsAnchoredAtItsStartAndOpenAtItsEnd(String regex, String path, boolean matches)
      throws NotHonoured {
    assertThat(matches(TextConditions.onPath(field(regex)), path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "beta,                       beta,            true",
    "beta,                       beta2,           false",
    "beta|canary,                canary,          true",
    "beta|canary,                canary2,         false",
    ".*Firefox.*,                A Firefox/1,     true",
    "^(.*?;)?(type=insider)(;.*)?$, a=b;type=insider, true",
  })
  void aValueIsMatchedAsAWhole(String regex, String value, boolean matches) throws NotHonoured {
    assertThat(matches(TextConditions.onValue(field(regex)), value)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a(b", "/a)|(.*", "\\Q/a", "/(a)\\1", "/a(?=b)", "*", "/a{1001}"})
  void whatIsNoExpressionIsRefused(String regex) {
    assertThatThrownBy(() -> TextConditions.onPath(field(regex)))
        .isInstanceOf(NotHonoured.class)
        .hasMessageContaining("spec.path");
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThatThrownBy(() -> TextConditions.onValue(field("x".repeat(4_097))))
        .isInstanceOf(NotHonoured.class)
        .hasMessageContaining("at most 4096 characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:a{1000}){1000}",
        "((((a{1000}){1000}){1000}){1000}){1000}",
        "(a{0,1000}b){200,}",
        "[(]([)]{1000}){1000}",
        "\\((a{1000}){1000}",
        "\\Q(\\E(a{1000}){1000}"
      })
  void whatMultipliesWithoutEndIsRefusedBeforeItIsCompiled(String regex) {
    assertThatThrownBy(() -> TextConditions.onValue(field(regex)))
        .isInstanceOf(NotHonoured.class)
        .hasMessageContaining("repetitions");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "/([a-z]{2,8}/){1,20}",
        "/a{,5}",
        "/{id}",
        "/\\x{10FFFF}"
      })
  void ordinaryRepetitionsAreTaken(String regex) throws NotHonoured {
    assertThat(TextConditions.onPath(field(regex))).isNotNull();
  }

  /** As a proxy does it: null is no condition. */
  private static boolean matches(@Nullable TextCondition condition, String text) {
    return switch (condition) {
      case null -> true;
      case TextCondition.Exact(String exact) -> text.equals(exact);
      case TextCondition.Prefix(String prefix) -> text.startsWith(prefix);
      case TextCondition.Pattern(String regex) -> Pattern.matches(regex, text);
    };
  }

  private static Field field(String regex) {
    return new Field("spec.path", new TextNode(regex));
  }
}
