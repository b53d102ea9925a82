package dev.heddle.dataplane.http.tracing;

import dev.heddle.dataplane.config.Tracing;
import dev.heddle.dataplane.config.Tracing.Sampling;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.trace.SpanExporters;
import dev.heddle.dataplane.trace.SpanIds;
import dev.heddle.dataplane.trace.TraceContext;
import dev.heddle.dataplane.trace.TraceState;
import io.netty.handler.codec.http.HttpHeaders;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Begins the spans of requests. One per event loop, made with the first request that is traced.
 *
 * <p>A request that comes with a valid context is sampled if its sampled flag says so; any other
 * begins a trace of its own, by the configured shares.
 */
public final class RequestTracing {
  private static final String CLIENT_TRACE_ID = "x-client-trace-id";

  private final SpanExporters exporters;
  private final RandomGenerator random;
  private final Clock clock;
  private final SpanIds ids = new SpanIds();

  public RequestTracing(SpanExporters exporters, RandomGenerator random, Clock clock) {
    this.exporters = exporters;
    this.random = random;
    this.clock = clock;
  }

  /** The span of a request that has just come. */
  public RequestTrace begin(
      Tracing tracing,
      Tracing.ForRoute route,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    HttpHeaders headers = request.headers();
    @Nullable TraceContext parent = parent(headers);
    TraceContext own =
        parent == null
            ? ids.root(
                sampled(route.sampling() == null ? tracing.sampling() : route.sampling(), headers))
            : ids.child(parent);
    String state = parent == null ? "" : TraceState.of(headers.getAll(TraceState.HEADER));
    return new RequestTrace(
        this, tracing, route, new Place(own, parent, state), request, connection, protocol);
  }

  /**
   * A span's place in its trace.
   *
   * @param parent null for the first
   * @param state of the trace; may be empty
   */
  record Place(TraceContext own, @Nullable TraceContext parent, String state) {}

  /** Exports what waits; done when all of it is delivered or lost. */
  public CompletableFuture<Void> flush() {
    return exporters.flush();
  }

  SpanIds ids() {
    return ids;
  }

  Instant now() {
    return clock.instant();
  }

  void export(Tracing tracing, Span span) {
    exporters.export(tracing, span);
  }

  private static @Nullable TraceContext parent(HttpHeaders headers) {
    List<String> values = headers.getAll(TraceContext.HEADER);
    return values.size() == 1 ? TraceContext.parse(values.getFirst()) : null;
  }

  private boolean sampled(Sampling sampling, HttpHeaders headers) {
    return ((headers.contains(CLIENT_TRACE_ID) && sampling.client().takes(random))
            || sampling.random().takes(random))
        && sampling.overall().takes(random);
  }
}
