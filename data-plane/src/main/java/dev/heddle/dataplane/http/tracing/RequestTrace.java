package dev.heddle.dataplane.http.tracing;

import dev.heddle.dataplane.config.Tracing;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.tracing.RequestTracing.Place;
import dev.heddle.dataplane.telemetry.RequestReport;
import dev.heddle.dataplane.trace.SpanRecorder;
import dev.heddle.dataplane.trace.SpanRecorder.Kind;
import dev.heddle.dataplane.trace.TraceContext;
import dev.heddle.dataplane.trace.TraceState;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The span of one request, which has the names and attributes that Envoy's OpenTelemetry has. */
public final class RequestTrace {
  private static final String DECORATOR = "x-envoy-decorator-operation";
  private static final String ABSENT = "-";

  private final RequestTracing tracing;
  private final Tracing configuration;
  private final Tracing.ForRoute route;
  private final Place place;
  private final RequestHead request;
  private final ConnectionContext connection;
  private final HttpProtocol protocol;
  private final boolean egress;
  private final Instant start;
  private String operation;
  private boolean tellOperation;

  RequestTrace(
      RequestTracing tracing,
      Tracing configuration,
      Tracing.ForRoute route,
      Place place,
      RequestHead request,
      ConnectionContext connection,
      HttpProtocol protocol) {
    this.tracing = tracing;
    this.configuration = configuration;
    this.route = route;
    this.place = place;
    this.request = request;
    this.connection = connection;
    this.protocol = protocol;
    this.egress = connection.direction() == TrafficDirection.OUTBOUND;
    this.start = place.own().sampled() ? tracing.now() : Instant.EPOCH;
    this.operation = route.operation();
    this.tellOperation = route.propagate() && !operation.isEmpty();
    // The caller's proxy may name the operation; the server's is told it instead.
    if (egress) {
      tellOperation(request.headers());
    } else {
      takeOperation(request.headers());
    }
  }

  private void tellOperation(HttpHeaders headers) {
    if (tellOperation) {
      headers.set(DECORATOR, operation);
    }
  }

  private void takeOperation(HttpHeaders headers) {
    String named = headers.get(DECORATOR);
    if (named != null) {
      if (!named.isEmpty()) {
        operation = named;
        tellOperation = false;
      }
      headers.remove(DECORATOR);
    }
  }

  /** Writes the context into the request that is sent on. */
  public void inject() {
    HttpHeaders headers = request.headers();
    headers.set(TraceContext.HEADER, place.own().header());
    if (place.state().isEmpty()) {
      headers.remove(TraceState.HEADER);
    } else {
      headers.set(TraceState.HEADER, place.state());
    }
  }

  /**
   * The span of an attempt.
   *
   * @return null if attempts have none
   */
  public @Nullable AttemptSpan attempt(String cluster, InetSocketAddress endpoint, int number) {
    if (!configuration.upstreamSpans() || !place.own().sampled()) {
      return null;
    }
    Place below = new Place(tracing.ids().child(place.own()), place.own(), place.state());
    return new AttemptSpan(this, below, cluster, endpoint, number, tracing.now());
  }

  /** Proxies tell each other the operation in answers, too. */
  public void answered(HttpHeaders headers) {
    if (egress) {
      takeOperation(headers);
    } else {
      tellOperation(headers);
    }
  }

  /**
   * Ends the span.
   *
   * @param cluster the request was sent to; null if to none
   */
  public void finished(RequestReport report, @Nullable String cluster) {
    if (!place.own().sampled()) {
      return;
    }
    String name = operation;
    if (name.isEmpty()) {
      name = egress ? "egress " + request.authority() : "ingress";
    }
    Kind kind = egress && !configuration.upstreamSpans() ? Kind.CLIENT : Kind.SERVER;
    SpanRecorder span =
        new SpanRecorder(place.own(), place.parent(), true, place.state(), kind, name, start);
    describeRequest(span);
    span.attribute("request_size", Long.toString(report.requestBytes()));
    span.attribute("response_size", Long.toString(report.responseBytes()));
    boolean failed =
        describeOutcome(
            span,
            kind,
            cluster,
            report.status(),
            report.flags() == null ? ABSENT : report.flags().code());
    if (report.grpcStatus() >= 0) {
      span.attribute("grpc.status_code", Integer.toString(report.grpcStatus()));
      if (serverError(report.grpcStatus()) && !failed) {
        span.attribute("error", "true");
        span.error();
      }
    }
    export(span.ended(report.durationNanos()));
  }

  private void describeRequest(SpanRecorder span) {
    HttpHeaders headers = request.headers();
    copy(span, "guid:x-request-id", "x-request-id");
    copy(span, "guid:x-client-trace-id", "x-client-trace-id");
    String path = request.path();
    span.attribute(
        "http.url",
        request.scheme()
            + "://"
            + request.authority()
            + path.substring(0, Math.min(path.length(), configuration.maxPathLength())));
    span.attribute("http.method", request.method());
    span.attribute("downstream_cluster", headers.get("x-envoy-downstream-service-cluster", ABSENT));
    span.attribute("user_agent", headers.get("user-agent", ABSENT));
    span.attribute("http.protocol", text(protocol));
    span.attribute("peer.address", NetUtil.toAddressString(connection.source().getAddress()));
    if (request.grpc()) {
      span.attribute("grpc.path", path);
      span.attribute("grpc.authority", request.authority());
      span.attribute("grpc.content_type", headers.get(HeaderNames.CONTENT_TYPE, ABSENT));
      copy(span, "grpc.timeout", "grpc-timeout");
    }
  }

  /**
   * What the spans of requests and attempts have in common.
   *
   * @return whether it is marked as failed
   */
  boolean describeOutcome(
      SpanRecorder span, Kind kind, @Nullable String cluster, int status, String flags) {
    span.attribute("component", "proxy");
    if (cluster != null) {
      span.attribute("upstream_cluster", cluster);
      span.attribute("upstream_cluster.name", cluster);
    }
    span.attribute("http.status_code", Integer.toString(status));
    span.attribute("response_flags", flags);
    boolean failed = status == 0 || status >= 500;
    if (failed) {
      span.attribute("error", "true");
    }
    if (failed || (status >= 400 && kind == Kind.CLIENT)) {
      span.error();
    }
    for (Tracing.Tag tag : route.tags()) {
      tag(span, tag);
    }
    for (Tracing.Tag tag : configuration.tags()) {
      if (route.tags().stream().noneMatch(own -> own.key().equals(tag.key()))) {
        tag(span, tag);
      }
    }
    return failed;
  }

  private void tag(SpanRecorder span, Tracing.Tag tag) {
    switch (tag) {
      case Tracing.Tag.Literal literal -> tag(span, literal.key(), literal.value());
      case Tracing.Tag.RequestHeader header ->
          tag(span, header.key(), request.headers().get(header.name(), header.otherwise()));
    }
  }

  private static void tag(SpanRecorder span, String key, String value) {
    if (!value.isEmpty()) {
      span.attribute(key, value);
    }
  }

  void export(Span span) {
    tracing.export(configuration, span);
  }

  HttpHeaders headers() {
    return request.headers();
  }

  Instant now() {
    return tracing.now();
  }

  private void copy(SpanRecorder span, String key, String header) {
    String value = request.headers().get(header);
    if (value != null) {
      span.attribute(key, value);
    }
  }

  /** What Envoy takes for the server's fault. */
  private static boolean serverError(int grpcStatus) {
    return switch (grpcStatus) {
      case 2, 4, 12, 13, 14, 15 -> true;
      default -> false;
    };
  }

  static String text(HttpProtocol protocol) {
    return switch (protocol) {
      case HTTP1 -> "HTTP/1.1";
      case HTTP2 -> "HTTP/2";
    };
  }
}
