package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.config.HealthCheck.Probe;
import dev.heddle.dataplane.config.HealthCheck.StatusRange;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.GrpcHealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.HttpHealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.Payload;
import io.envoyproxy.envoy.config.core.v3.HealthCheck.TcpHealthCheck;
import io.envoyproxy.envoy.config.core.v3.RequestMethod;
import io.envoyproxy.envoy.type.v3.CodecClientType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * envoy.config.core.v3.HealthCheck. An endpoint is checked at {@code interval} also before it has
 * had traffic, so {@code no_traffic_interval} is without effect.
 */
final class HealthCheckTranslator {
  private static final List<StatusRange> OK = List.of(new StatusRange(200, 201));
  private static final int LONGEST_PAYLOAD = 4096;

  private HealthCheckTranslator() {}

  static HealthCheck check(io.envoyproxy.envoy.config.core.v3.HealthCheck check, FieldPath path) {
    path.allowOnly(
        check,
        Set.of(
            "timeout",
            "interval",
            "interval_jitter",
            "interval_jitter_percent",
            "unhealthy_interval",
            "unhealthy_threshold",
            "healthy_threshold",
            "http_health_check",
            "tcp_health_check",
            "grpc_health_check"),
        Set.of(
            "initial_jitter",
            "reuse_connection",
            "no_traffic_interval",
            "no_traffic_healthy_interval",
            "event_log_path",
            "always_log_health_check_failures",
            "always_log_health_check_success"));
    Duration interval = positive(check.getInterval(), path.field("interval"));
    Duration jitter = Values.duration(check.getIntervalJitter(), path.field("interval_jitter"));
    int percent = check.getIntervalJitterPercent();
    if (percent < 0 || percent > 100) {
      throw path.field("interval_jitter_percent")
          .invalid(Integer.toUnsignedString(percent), "0 to 100");
    }
    Duration share = interval.multipliedBy(percent).dividedBy(100);
    return new HealthCheck(
        positive(check.getTimeout(), path.field("timeout")),
        interval,
        check.hasUnhealthyInterval()
            ? positive(check.getUnhealthyInterval(), path.field("unhealthy_interval"))
            : interval,
        Values.atLeastOne(check.getUnhealthyThreshold(), path.field("unhealthy_threshold")),
        Values.atLeastOne(check.getHealthyThreshold(), path.field("healthy_threshold")),
        jitter.plus(share),
        probe(check, path));
  }

  private static Probe probe(io.envoyproxy.envoy.config.core.v3.HealthCheck check, FieldPath path) {
    return switch (check.getHealthCheckerCase()) {
      case HTTP_HEALTH_CHECK -> http(check.getHttpHealthCheck(), path.field("http_health_check"));
      case TCP_HEALTH_CHECK -> tcp(check.getTcpHealthCheck(), path.field("tcp_health_check"));
      case GRPC_HEALTH_CHECK -> {
        GrpcHealthCheck grpc = check.getGrpcHealthCheck();
        path.field("grpc_health_check").allowOnly(grpc, Set.of("service_name", "authority"));
        yield new Probe.Grpc(grpc.getServiceName(), grpc.getAuthority());
      }
      case CUSTOM_HEALTH_CHECK, HEALTHCHECKER_NOT_SET ->
          throw path.invalid(
              check.getHealthCheckerCase(),
              "http_health_check, tcp_health_check or grpc_health_check");
    };
  }

  private static Probe.Http http(HttpHealthCheck http, FieldPath path) {
    path.allowOnly(
        http,
        Set.of(
            "host",
            "path",
            "method",
            "request_headers_to_add",
            "expected_statuses",
            "codec_client_type"));
    if (!http.getPath().startsWith("/")) {
      throw path.field("path").invalid('"' + http.getPath() + '"', "a path that begins with /");
    }
    List<StatusRange> expected = new ArrayList<>();
    for (int i = 0; i < http.getExpectedStatusesCount(); i++) {
      long start = http.getExpectedStatuses(i).getStart();
      long end = http.getExpectedStatuses(i).getEnd();
      if (start < 100 || end > 600 || start >= end) {
        throw path.element("expected_statuses", i)
            .invalid(start + " to " + end, "100 to 600, the end exclusive");
      }
      expected.add(new StatusRange((int) start, (int) end));
    }
    return new Probe.Http(
        method(http.getMethod(), path.field("method")),
        http.getHost(),
        http.getPath(),
        headers(http, path),
        expected.isEmpty() ? OK : expected,
        switch (http.getCodecClientType()) {
          case HTTP1 -> false;
          case HTTP2 -> true;
          case HTTP3, UNRECOGNIZED ->
              throw path.field("codec_client_type")
                  .invalid(http.getCodecClientType(), CodecClientType.HTTP1 + " or HTTP2");
        });
  }

  private static String method(RequestMethod method, FieldPath path) {
    return switch (method) {
      case METHOD_UNSPECIFIED -> "GET";
      case GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH -> method.name();
      case CONNECT, UNRECOGNIZED -> throw path.invalid(method, "a method other than CONNECT");
    };
  }

  private static Map<String, String> headers(HttpHealthCheck http, FieldPath path) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (int i = 0; i < http.getRequestHeadersToAddCount(); i++) {
      HeaderValueOption option = http.getRequestHeadersToAdd(i);
      FieldPath at = path.element("request_headers_to_add", i);
      at.allowOnly(option, Set.of("header"), Set.of("append_action", "append"));
      at.field("header").allowOnly(option.getHeader(), Set.of("key", "value"));
      headers.put(
          option.getHeader().getKey().toLowerCase(Locale.ROOT), option.getHeader().getValue());
    }
    return headers;
  }

  private static Probe.Tcp tcp(TcpHealthCheck tcp, FieldPath path) {
    path.allowOnly(tcp, Set.of("send", "receive"));
    List<String> receive = new ArrayList<>();
    for (int i = 0; i < tcp.getReceiveCount(); i++) {
      receive.add(payload(tcp.getReceive(i), path.element("receive", i)));
    }
    return new Probe.Tcp(tcp.hasSend() ? payload(tcp.getSend(), path.field("send")) : "", receive);
  }

  /** In hexadecimal, as Envoy's text is. */
  private static String payload(Payload payload, FieldPath path) {
    String hex =
        switch (payload.getPayloadCase()) {
          case TEXT -> payload.getText();
          case BINARY -> HexFormat.of().formatHex(payload.getBinary().toByteArray());
          case PAYLOAD_NOT_SET -> "";
        };
    if (hex.isEmpty() || hex.length() > 2 * LONGEST_PAYLOAD) {
      throw path.invalid('"' + hex + '"', "1 to " + LONGEST_PAYLOAD + " bytes");
    }
    try {
      HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw path.field("text").invalid('"' + hex + '"', "bytes in hexadecimal");
    }
    return hex;
  }

  private static Duration positive(com.google.protobuf.Duration duration, FieldPath path) {
    Duration value = Values.duration(duration, path);
    if (value.isZero()) {
      throw path.invalid("0s", "> 0s");
    }
    return value;
  }
}
