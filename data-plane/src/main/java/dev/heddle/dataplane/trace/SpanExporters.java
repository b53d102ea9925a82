package dev.heddle.dataplane.trace;

import dev.heddle.dataplane.config.Tracing;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/** The ways to collectors of one event loop. */
public final class SpanExporters {

  /** Configurations come and go; more than a few at a time have no reason. */
  private static final int MAX_COLLECTORS = 16;

  private record Destination(Tracing.Collector collector, String serviceName) {}

  private final SpanTransport transport;
  private final ScheduledExecutorService executor;
  private final ExportMonitor monitor;
  private final Map<Destination, SpanExporter> exporters = new HashMap<>();

  public SpanExporters(
      SpanTransport transport, ScheduledExecutorService executor, ExportMonitor monitor) {
    this.transport = transport;
    this.executor = executor;
    this.monitor = monitor;
  }

  /** Sends a span on, sooner or later, or drops and counts it. */
  public void export(Tracing tracing, Span span) {
    Destination destination = new Destination(tracing.collector(), tracing.serviceName());
    SpanExporter exporter = exporters.get(destination);
    if (exporter == null) {
      if (exporters.size() >= MAX_COLLECTORS) {
        exporters.values().removeIf(SpanExporter::idle);
      }
      if (exporters.size() >= MAX_COLLECTORS) {
        monitor.dropped(tracing.collector().cluster(), 1);
        return;
      }
      exporter =
          new SpanExporter(
              tracing.collector(), tracing.serviceName(), transport, executor, monitor);
      exporters.put(destination, exporter);
    }
    exporter.add(span);
  }

  /** Exports what waits; done when all of it is delivered or lost. */
  public CompletableFuture<Void> flush() {
    return CompletableFuture.allOf(
        exporters.values().stream().map(SpanExporter::flush).toArray(CompletableFuture<?>[]::new));
  }
}
