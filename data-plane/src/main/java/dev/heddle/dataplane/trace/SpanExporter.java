package dev.heddle.dataplane.trace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heddle.dataplane.config.Tracing;
import dev.heddle.meshapi.process.BuildIdentity;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends spans to one collector in batches: when a batch is full, or some seconds after its first
 * span. One export is under way at a time; meanwhile spans wait, and are dropped when too many do.
 * A failed export is not repeated. Used on one event loop.
 */
final class SpanExporter {

  /** Batch sizes and interval are what OpenTelemetry's batch processor and Envoy have. */
  static final int BATCH_SPANS = 512;

  static final int MAX_SPANS = 1024;
  static final int MAX_BYTES = 1024 * 1024;
  static final long INTERVAL_MILLIS = 5000;

  private final Tracing.Collector collector;
  private final Resource resource;
  private final SpanTransport transport;
  private final ScheduledExecutorService executor;
  private final ExportMonitor monitor;
  private final Deque<Span> queue = new ArrayDeque<>();
  private int queuedBytes;
  private boolean exporting;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable CompletableFuture<Void> flush;

  SpanExporter(
      Tracing.Collector collector,
      String serviceName,
      SpanTransport transport,
      ScheduledExecutorService executor,
      ExportMonitor monitor) {
    this.collector = collector;
    this.resource =
        Resource.newBuilder()
            .addAttributes(
                attribute(
                    "service.name", serviceName.isEmpty() ? "unknown_service:heddle" : serviceName))
            .addAttributes(attribute("telemetry.sdk.name", "heddle"))
            .addAttributes(attribute("telemetry.sdk.language", "java"))
            .addAttributes(attribute("telemetry.sdk.version", BuildIdentity.compiled()))
            .build();
    this.transport = transport;
    this.executor = executor;
    this.monitor = monitor;
  }

  void add(Span span) {
    int size = span.getSerializedSize();
    if (queue.size() >= MAX_SPANS || queuedBytes + size > MAX_BYTES) {
      monitor.dropped(collector.cluster(), 1);
      return;
    }
    queue.add(span);
    queuedBytes += size;
    proceed();
  }

  /** Whether nothing waits and nothing is under way. */
  boolean idle() {
    return queue.isEmpty() && !exporting;
  }

  /** Exports what waits; done when all of it is delivered or lost. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> whenIdle = flush;
    if (whenIdle == null) {
      whenIdle = new CompletableFuture<>();
      flush = whenIdle;
      proceed();
    }
    return whenIdle;
  }

  private void proceed() {
    if (exporting) {
      return;
    }
    CompletableFuture<Void> whenIdle = flush;
    if (queue.isEmpty()) {
      if (whenIdle != null) {
        flush = null;
        whenIdle.complete(null);
      }
    } else if (whenIdle != null || queue.size() >= BATCH_SPANS || queuedBytes >= MAX_BYTES / 2) {
      export();
    } else if (timer == null) {
      timer = executor.schedule(this::intervalOver, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void intervalOver() {
    timer = null;
    if (!exporting && !queue.isEmpty()) {
      export();
    }
  }

  private void export() {
    ScheduledFuture<?> waiting = timer;
    if (waiting != null) {
      waiting.cancel(false);
      timer = null;
    }
    ScopeSpans.Builder spans =
        ScopeSpans.newBuilder()
            .setScope(
                InstrumentationScope.newBuilder()
                    .setName("heddle")
                    .setVersion(BuildIdentity.compiled()));
    while (!queue.isEmpty() && spans.getSpansCount() < BATCH_SPANS) {
      Span span = queue.remove();
      queuedBytes -= span.getSerializedSize();
      spans.addSpans(span);
    }
    int count = spans.getSpansCount();
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(spans))
            .build();
    exporting = true;
    transport.send(collector, request.toByteArray(), result -> exported(count, result));
  }

  private void exported(int count, SpanTransport.Result result) {
    exporting = false;
    switch (result) {
      case SpanTransport.Result.Failed failed ->
          monitor.failed(collector.cluster(), count, failed.reason());
      case SpanTransport.Result.Delivered delivered -> delivered(count, delivered.answer());
    }
    proceed();
  }

  private void delivered(int count, ByteString answer) {
    ExportTracePartialSuccess partial;
    try {
      partial = ExportTraceServiceResponse.parseFrom(answer).getPartialSuccess();
    } catch (InvalidProtocolBufferException e) {
      monitor.failed(
          collector.cluster(), count, "not an ExportTraceServiceResponse: " + e.getMessage());
      return;
    }
    int rejected = Math.clamp(partial.getRejectedSpans(), 0, count);
    if (rejected > 0) {
      monitor.rejected(collector.cluster(), rejected, partial.getErrorMessage());
    }
    if (rejected < count) {
      monitor.exported(count - rejected);
    }
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
