package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.Cluster.ConnectionBounds;
import dev.heddle.dataplane.config.Cluster.UpstreamProtocol;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.extensions.upstreams.http.v3.HttpProtocolOptions: what is spoken to endpoints. */
final class UpstreamProtocolTranslator {
  private static final String OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  private UpstreamProtocolTranslator() {}

  /** A protocol, and what one connection may be used for. */
  record Spoken(UpstreamProtocol protocol, ConnectionBounds bounds) {}

  static Spoken spoken(Cluster cluster, FieldPath path) {
    Spoken spoken = new Spoken(UpstreamProtocol.HTTP1, ConnectionBounds.NONE);
    for (var entry : cluster.getTypedExtensionProtocolOptionsMap().entrySet()) {
      FieldPath at = path.entry("typed_extension_protocol_options", entry.getKey());
      if (!entry.getKey().equals(OPTIONS)) {
        throw at.invalid(entry.getValue(), "only " + OPTIONS);
      }
      spoken =
          spoken(
              at.unpack(
                  entry.getValue(),
                  HttpProtocolOptions.class,
                  HttpProtocolOptions.getDefaultInstance()),
              at);
    }
    return spoken;
  }

  private static Spoken spoken(HttpProtocolOptions options, FieldPath path) {
    path.allowOnly(
        options,
        Set.of(
            "explicit_http_config",
            "use_downstream_protocol_config",
            "common_http_protocol_options"));
    return switch (options.getUpstreamProtocolOptionsCase()) {
      case EXPLICIT_HTTP_CONFIG -> {
        FieldPath at = path.field("explicit_http_config");
        yield switch (options.getExplicitHttpConfig().getProtocolConfigCase()) {
          case HTTP_PROTOCOL_OPTIONS, PROTOCOLCONFIG_NOT_SET ->
              new Spoken(UpstreamProtocol.HTTP1, bounds(options, 0, path));
          case HTTP2_PROTOCOL_OPTIONS ->
              new Spoken(
                  UpstreamProtocol.HTTP2,
                  bounds(
                      options,
                      streams(
                          options.getExplicitHttpConfig().getHttp2ProtocolOptions(),
                          at.field("http2_protocol_options")),
                      path));
          case HTTP3_PROTOCOL_OPTIONS ->
              throw at.invalid(
                  "http3_protocol_options", "http_protocol_options or http2_protocol_options");
        };
      }
      case USE_DOWNSTREAM_PROTOCOL_CONFIG -> {
        FieldPath at = path.field("use_downstream_protocol_config");
        at.allowOnly(
            options.getUseDownstreamProtocolConfig(),
            Set.of("http_protocol_options", "http2_protocol_options"));
        yield new Spoken(
            UpstreamProtocol.SAME_AS_DOWNSTREAM,
            bounds(
                options,
                streams(
                    options.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions(),
                    at.field("http2_protocol_options")),
                path));
      }
      case AUTO_CONFIG, UPSTREAMPROTOCOLOPTIONS_NOT_SET ->
          throw path.invalid(
              options.getUpstreamProtocolOptionsCase(),
              "explicit_http_config or use_downstream_protocol_config");
    };
  }

  private static int streams(Http2ProtocolOptions http2, FieldPath path) {
    path.allowOnly(
        http2,
        Set.of("max_concurrent_streams"),
        Set.of("initial_stream_window_size", "initial_connection_window_size"));
    if (!http2.hasMaxConcurrentStreams()) {
      return 0;
    }
    return Values.atLeastOne(http2.getMaxConcurrentStreams(), path.field("max_concurrent_streams"));
  }

  private static ConnectionBounds bounds(
      HttpProtocolOptions options, int maxStreams, FieldPath path) {
    io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions common =
        options.getCommonHttpProtocolOptions();
    FieldPath at = path.field("common_http_protocol_options");
    at.allowOnly(
        common, Set.of("idle_timeout", "max_connection_duration", "max_requests_per_connection"));
    long requests = Integer.toUnsignedLong(common.getMaxRequestsPerConnection().getValue());
    return new ConnectionBounds(
        (int) Math.min(requests, Integer.MAX_VALUE),
        common.hasIdleTimeout()
            ? Values.duration(common.getIdleTimeout(), at.field("idle_timeout"))
            : null,
        duration(common, at),
        maxStreams);
  }

  private static @Nullable Duration duration(
      io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions common, FieldPath path) {
    return common.hasMaxConnectionDuration()
        ? Values.duration(common.getMaxConnectionDuration(), path.field("max_connection_duration"))
        : null;
  }
}
