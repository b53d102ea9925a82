package dev.heddle.dataplane.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heddle.dataplane.config.Tracing;
import dev.heddle.dataplane.trace.SpanTransport.Result;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Batches, bounds, and what is counted when a collector is slow, away or says no. */
final class SpanExporterTest {
  private static final Result TAKEN = new Result.Delivered(ByteString.EMPTY);

  private record Sent(int spans, Consumer<Result> done) {}

  private final EmbeddedChannel time = new EmbeddedChannel();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Sent> sent = new ArrayList<>();
  private final SpanIds ids = new SpanIds();
  private final SpanExporter exporter =
      new SpanExporter(
          new Tracing.Collector.Grpc("collector", "", List.of(), Duration.ofSeconds(1)),
          "shop",
          (collector, request, done) -> sent.add(new Sent(spans(request), done)),
          time.eventLoop(),
          new ExportMonitor(registry, () -> 0));

  SpanExporterTest() {
    time.freezeTime();
  }

  @Test
  void sendsAFewSpansAfterTheInterval() {
    add(3, "GET");
    time.advanceTimeBy(SpanExporter.INTERVAL_MILLIS - 1, TimeUnit.MILLISECONDS);
    time.runScheduledPendingTasks();
    assertThat(sent).isEmpty();
    time.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    time.runScheduledPendingTasks();
    assertThat(sent).extracting(Sent::spans).containsExactly(3);
    assertThat(exporter.idle()).isFalse();
    sent.getFirst().done().accept(TAKEN);
    assertThat(exporter.idle()).isTrue();
    assertThat(count("exported")).isEqualTo(3);
  }

  @Test
  void sendsAFullBatchAtOnceAndOneExportAtATime() {
    add(SpanExporter.BATCH_SPANS + 100, "GET");
    assertThat(sent).extracting(Sent::spans).containsExactly(SpanExporter.BATCH_SPANS);
    add(SpanExporter.BATCH_SPANS, "GET");
    assertThat(sent).hasSize(1);
    sent.getFirst().done().accept(TAKEN);
    assertThat(sent).hasSize(2);
  }

  @Test
  void dropsWhatIsBeyondTheQueueOfASlowCollector() {
    add(SpanExporter.BATCH_SPANS + SpanExporter.MAX_SPANS + 7, "GET");
    assertThat(sent).hasSize(1);
    assertThat(count("dropped")).isEqualTo(7);
  }

  @Test
  void dropsByBytesToo() {
    String large = "x".repeat(1024);
    add(3 * SpanExporter.MAX_BYTES / 1024, large);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().spans()).isLessThan(SpanExporter.MAX_BYTES / 1024);
    assertThat(count("dropped")).isGreaterThan(SpanExporter.MAX_BYTES / 1024);
  }

  @Test
  void losesWhatACollectorDoesNotTake() {
    add(SpanExporter.BATCH_SPANS, "GET");
    sent.getFirst().done().accept(new Result.Failed("no healthy endpoint"));
    assertThat(count("failed")).isEqualTo(SpanExporter.BATCH_SPANS);
    assertThat(registry.get("heddle.trace.export.failures").counter().count()).isEqualTo(1);
    add(SpanExporter.BATCH_SPANS, "GET");
    sent.getLast()
        .done()
        .accept(
            new Result.Delivered(
                ExportTraceServiceResponse.newBuilder()
                    .setPartialSuccess(ExportTracePartialSuccess.newBuilder().setRejectedSpans(12))
                    .build()
                    .toByteString()));
    assertThat(count("rejected")).isEqualTo(12);
    assertThat(count("exported")).isEqualTo(SpanExporter.BATCH_SPANS - 12);
    add(SpanExporter.BATCH_SPANS, "GET");
    sent.getLast().done().accept(new Result.Delivered(ByteString.copyFromUtf8("abc")));
    assertThat(registry.get("heddle.trace.export.failures").counter().count()).isEqualTo(2);
  }

  @Test
  void flushesEverything() {
    assertThat(exporter.flush()).isDone();
    add(SpanExporter.BATCH_SPANS + 1, "GET");
    CompletableFuture<Void> flushed = exporter.flush();
    assertThat(flushed).isNotDone();
    sent.getFirst().done().accept(TAKEN);
    assertThat(sent).extracting(Sent::spans).containsExactly(SpanExporter.BATCH_SPANS, 1);
    assertThat(flushed).isNotDone();
    sent.getLast().done().accept(new Result.Failed("away"));
    assertThat(flushed).isCompleted();
  }

  private void add(int spans, String method) {
    for (int i = 0; i < spans; i++) {
      exporter.add(span(method));
    }
  }

  private Span span(String method) {
    SpanRecorder recorder =
        new SpanRecorder(
            ids.root(true), null, false, "", SpanRecorder.Kind.SERVER, "ingress", Instant.EPOCH);
    recorder.attribute("http.method", method);
    return recorder.ended(1);
  }

  private double count(String result) {
    return registry.get("heddle.trace.spans").tag("result", result).counter().count();
  }

  private static int spans(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request)
          .getResourceSpans(0)
          .getScopeSpans(0)
          .getSpansCount();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
