package dev.heddle.dataplane.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By the examples of W3C Trace Context, 3.2. */
final class TraceContextTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void readsAndWrites() {
    String header = "00-" + TRACE + "-" + SPAN + "-01";
    assertThat(TraceContext.parse(header))
        .isEqualTo(
            new TraceContext(0x0af7651916cd43ddL, 0x8448eb211c80319cL, 0xb7ad6b7169203331L, true))
        .extracting(TraceContext::header)
        .isEqualTo(header);
    assertThat(new TraceContext(0, 1, 2, false).header())
        .isEqualTo("00-00000000000000000000000000000001-0000000000000002-00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-ff",
        "cc-" + TRACE + "-" + SPAN + "-03",
        "cc-" + TRACE + "-" + SPAN + "-01-",
        "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-holds",
      })
  void isSampled(String header) {
    assertThat(TraceContext.parse(header)).isNotNull().matches(TraceContext::sampled);
  }

  @ParameterizedTest
  @ValueSource(strings = {"00-" + TRACE + "-" + SPAN + "-00", "00-" + TRACE + "-" + SPAN + "-fe"})
  void isNotSampled(String header) {
    assertThat(TraceContext.parse(header)).isNotNull().matches(context -> !context.sampled());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-" + TRACE + "-B7AD6B7169203331-01",
        "0A-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-0",
        "00-" + TRACE + "-" + SPAN + "-0X",
        "00-" + TRACE + "-" + SPAN + "-01-",
        "00-" + TRACE + "-" + SPAN + "-01.what",
        "cc-" + TRACE + "-" + SPAN + "-01.what",
        "cc-" + TRACE + "-" + SPAN + "-011",
        "00_" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "_" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "_01",
        "00-" + TRACE + SPAN + "--01",
        " 00-" + TRACE + "-" + SPAN + "-01",
        "0-" + TRACE + "-" + SPAN + "-01-",
      })
  void isInvalid(String header) {
    assertThat(TraceContext.parse(header)).isNull();
  }

  @Test
  void idsBelowAnotherShareItsTrace() {
    SpanIds ids = new SpanIds();
    TraceContext root = ids.root(true);
    TraceContext child = ids.child(root);
    assertThat(child.traceIdHigh()).isEqualTo(root.traceIdHigh());
    assertThat(child.traceIdLow()).isEqualTo(root.traceIdLow());
    assertThat(child.spanId()).isNotEqualTo(root.spanId());
    assertThat(child.sampled()).isTrue();
    assertThat(new SpanIds().root(true)).isNotEqualTo(root);
  }
}
