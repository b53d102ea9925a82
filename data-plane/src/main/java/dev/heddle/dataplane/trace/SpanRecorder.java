package dev.heddle.dataplane.trace;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.SpanFlags;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Puts one span together. */
public final class SpanRecorder {

  /** Of one value, which may come from a client. */
  private static final int MAX_VALUE_LENGTH = 1024;

  private final Span.Builder span;

  /** Which side of a call a span is. */
  public enum Kind {
    SERVER,
    CLIENT
  }

  /**
   * A span that began at this time.
   *
   * @param parent null for the first of a trace
   * @param remote whether the parent is another process's
   */
  public SpanRecorder(
      TraceContext context,
      @Nullable TraceContext parent,
      boolean remote,
      String traceState,
      Kind kind,
      String name,
      Instant start) {
    this.span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(context.traceIdBytes()))
            .setSpanId(ByteString.copyFrom(context.spanIdBytes()))
            .setTraceState(traceState)
            .setKind(
                switch (kind) {
                  case SERVER -> Span.SpanKind.SPAN_KIND_SERVER;
                  case CLIENT -> Span.SpanKind.SPAN_KIND_CLIENT;
                })
            .setName(bounded(name))
            .setStartTimeUnixNano(
                TimeUnit.SECONDS.toNanos(start.getEpochSecond()) + start.getNano());
    int flags = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK_VALUE | (context.sampled() ? 1 : 0);
    if (parent != null) {
      span.setParentSpanId(ByteString.copyFrom(parent.spanIdBytes()));
      if (remote) {
        flags |= SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK_VALUE;
      }
    }
    span.setFlags(flags);
  }

  public void attribute(String key, String value) {
    span.addAttributes(
        KeyValue.newBuilder()
            .setKey(key)
            .setValue(AnyValue.newBuilder().setStringValue(bounded(value))));
  }

  /** Marks the span as failed. */
  public void error() {
    span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
  }

  /** The span, at its end. */
  public Span ended(long durationNanos) {
    return span.setEndTimeUnixNano(span.getStartTimeUnixNano() + durationNanos).build();
  }

  private static String bounded(String value) {
    return value.length() <= MAX_VALUE_LENGTH ? value : value.substring(0, MAX_VALUE_LENGTH);
  }
}
