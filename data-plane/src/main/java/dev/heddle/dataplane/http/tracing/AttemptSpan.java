package dev.heddle.dataplane.http.tracing;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.tracing.RequestTracing.Place;
import dev.heddle.dataplane.trace.SpanRecorder;
import dev.heddle.dataplane.trace.SpanRecorder.Kind;
import dev.heddle.dataplane.trace.TraceContext;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The span of one attempt at one endpoint, below that of its request. */
public final class AttemptSpan {
  private final RequestTrace request;
  private final Place place;
  private final String cluster;
  private final InetSocketAddress endpoint;
  private final int number;
  private final Instant start;
  private @Nullable HttpProtocol protocol;
  private int status;
  private String flags = "-";
  private @Nullable String failure;

  AttemptSpan(
      RequestTrace request,
      Place place,
      String cluster,
      InetSocketAddress endpoint,
      int number,
      Instant start) {
    this.request = request;
    this.place = place;
    this.cluster = cluster;
    this.endpoint = endpoint;
    this.number = number;
    this.start = start;
  }

  /** Writes the context into the request that is sent on this connection. */
  public void inject(HttpProtocol spoken) {
    protocol = spoken;
    request.headers().set(TraceContext.HEADER, place.own().header());
  }

  /** The endpoint answered. */
  public void answered(int code) {
    status = code;
  }

  /**
   * The endpoint did not answer, or not to the end.
   *
   * @param code a response flag
   */
  public void failed(String code, String reason) {
    flags = code;
    failure = reason;
  }

  /** Ends the span. */
  public void end() {
    SpanRecorder span =
        new SpanRecorder(
            place.own(),
            place.parent(),
            false,
            place.state(),
            Kind.CLIENT,
            "router " + cluster + " egress",
            start);
    String address = NetUtil.toSocketAddressString(endpoint);
    span.attribute("http.protocol", protocol == null ? "-" : RequestTrace.text(protocol));
    span.attribute("upstream_address", address);
    span.attribute("peer.address", address);
    if (number > 1) {
      span.attribute("retry.count", Integer.toString(number - 1));
    }
    boolean failed = request.describeOutcome(span, Kind.CLIENT, cluster, status, flags);
    if (failure != null) {
      if (!failed) {
        span.attribute("error", "true");
        span.error();
      }
      span.attribute("error.reason", failure);
    }
    request.export(span.ended(Duration.between(start, request.now()).toNanos()));
  }
}
