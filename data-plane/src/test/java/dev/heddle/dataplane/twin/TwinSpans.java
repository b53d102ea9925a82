package dev.heddle.dataplane.twin;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heddle.dataplane.twin.TwinCase.ExpectedSpan;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;

/** What a collector of spans got (OTLP over HTTP). */
final class TwinSpans {

  /** Both proxies export every five seconds. */
  private static final Duration ARRIVAL = Duration.ofSeconds(12);

  private TwinSpans() {}

  static void check(TwinApp collector, List<ExpectedSpan> expected, SoftAssertions softly) {
    await()
        .atMost(ARRIVAL)
        .alias("spans at the collector")
        .until(() -> spans(collector).size() >= expected.size());
    List<Span> spans = spans(collector);
    softly.assertThat(spans).as("spans").hasSameSizeAs(expected);
    for (ExpectedSpan wanted : expected) {
      softly.assertThat(spans).as("a span as %s", wanted).anyMatch(span -> matches(wanted, span));
    }
  }

  private static List<Span> spans(TwinApp collector) {
    return collector.received("").stream()
        .flatMap(request -> decode(request.body()).getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private static ExportTraceServiceRequest decode(String body) {
    try {
      return ExportTraceServiceRequest.parseFrom(body.getBytes(StandardCharsets.ISO_8859_1));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("The export is not OTLP", e);
    }
  }

  private static boolean matches(ExpectedSpan wanted, Span span) {
    Map<String, String> attributes =
        span.getAttributesList().stream()
            .collect(
                Collectors.toMap(KeyValue::getKey, value -> value.getValue().getStringValue()));
    return span.getName().equals(wanted.name())
        && span.getKind().name().equals("SPAN_KIND_" + wanted.kind())
        && (span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR) == wanted.error()
        && (wanted.trace() == null || hex(span.getTraceId()).equals(wanted.trace()))
        && (wanted.parent() == null || hex(span.getParentSpanId()).equals(wanted.parent()))
        && span.getTraceId().size() == 16
        && span.getEventsList().isEmpty()
        && span.getSpanId().size() == 8
        && span.getEndTimeUnixNano() > span.getStartTimeUnixNano()
        && (wanted.attributes() == null
            || wanted.attributes().entrySet().stream()
                .allMatch(entry -> fits(attributes.get(entry.getKey()), entry.getValue())))
        && (wanted.absent() == null || wanted.absent().stream().noneMatch(attributes::containsKey));
  }

  private static boolean fits(@Nullable String actual, String wanted) {
    return actual != null
        && (wanted.startsWith("~") ? actual.matches(wanted.substring(1)) : actual.equals(wanted));
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
