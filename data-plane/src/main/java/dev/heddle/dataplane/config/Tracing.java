package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Spans of requests, and who is told of them (the tracing field of Envoy's HTTP connection manager
 * with envoy.config.trace.v3.OpenTelemetryConfig).
 *
 * @param serviceName of the resource that spans belong to; empty if it is not named
 * @param tags put onto every span
 * @param maxPathLength characters of the path that a span has, at least 1
 * @param upstreamSpans whether each attempt has a span of its own, below that of the request
 */
public record Tracing(
    Collector collector,
    String serviceName,
    Sampling sampling,
    List<Tag> tags,
    int maxPathLength,
    boolean upstreamSpans) {

  public Tracing {
    tags = List.copyOf(tags);
  }

  /**
   * Which requests are traced whose client has not decided it.
   *
   * @param client of requests with x-client-trace-id
   * @param random of all requests
   * @param overall of what the other two take
   */
  public record Sampling(Share client, Share random, Share overall) {}

  /** An attribute of spans. */
  public sealed interface Tag {
    String key();

    /**
     * Always the same.
     *
     * @param value empty for no attribute, also where the connection manager has one of the key
     */
    record Literal(String key, String value) implements Tag {}

    /**
     * What a header of the request says.
     *
     * @param name lower case
     * @param otherwise where it is missing; empty for no attribute
     */
    record RequestHeader(String key, String name, String otherwise) implements Tag {}
  }

  /** Who takes spans, in OTLP (opentelemetry.proto.collector.trace.v1). */
  public sealed interface Collector {
    String cluster();

    /** Bound on one export, above zero. */
    Duration timeout();

    List<Header> headers();

    /**
     * Unary calls of gRPC.
     *
     * @param authority empty for the cluster's name
     */
    record Grpc(String cluster, String authority, List<Header> headers, Duration timeout)
        implements Collector {
      public Grpc {
        headers = List.copyOf(headers);
      }
    }

    /** Protobuf in HTTP requests. */
    record Http(
        String cluster,
        String scheme,
        String authority,
        String path,
        List<Header> headers,
        Duration timeout)
        implements Collector {
      public Http {
        headers = List.copyOf(headers);
      }
    }
  }

  /**
   * Sent with every export.
   *
   * @param name lower case
   */
  public record Header(String name, String value) {}

  /**
   * What a route says of its requests' spans.
   *
   * @param sampling instead of the connection manager's; null for that
   * @param tags besides the connection manager's, and instead of those of the same key
   * @param operation the span's name; empty for the usual one
   * @param propagate whether the peer's proxy is told the operation
   */
  public record ForRoute(
      @Nullable Sampling sampling, List<Tag> tags, String operation, boolean propagate) {

    public static final ForRoute NOTHING = new ForRoute(null, List.of(), "", false);

    public ForRoute {
      tags = List.copyOf(tags);
    }
  }
}
