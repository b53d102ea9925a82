package dev.heddle.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.heddle.dataplane.http.harness.RawClient;
import dev.heddle.dataplane.http.harness.RawServer;
import dev.heddle.dataplane.loopback.RefusingPort;
import io.grpc.Metadata;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces through whole proxies, with a collector that speaks OTLP by gRPC. */
final class TracingTest {
  @AutoClose private final RefusingPort refusing = new RefusingPort();

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String NOTHING = "";

  @TempDir private Path directory;

  @Test
  void proxiesOnTheWayShareOneTrace() throws Exception {
    try (SpanCollector collector = SpanCollector.start();
        RawServer app = RawServer.answering("app");
        BootstrappedProxy server =
            proxy("INBOUND", traced(NOTHING), collector.port(), app.address().getPort());
        BootstrappedProxy client =
            proxy(
                "OUTBOUND",
                traced("spawn_upstream_span: true,"),
                collector.port(),
                server.address("web").getPort())) {
      assertThat(get(client, "traceparent: 00-" + TRACE + "-" + PARENT + "-01", "tracestate: a=1"))
          .startsWith("HTTP/1.1 200");
      client.drain();
      server.drain();

      assertThat(collector.spans())
          .hasSize(3)
          .allMatch(span -> TRACE.equals(hex(span.getTraceId())));
      Span outbound = span(collector, "egress shop");
      Span attempt = span(collector, "router app egress");
      Span inbound = span(collector, "ingress");
      assertThat(hex(outbound.getParentSpanId())).isEqualTo(PARENT);
      assertThat(attempt.getParentSpanId()).isEqualTo(outbound.getSpanId());
      assertThat(inbound.getParentSpanId()).isEqualTo(attempt.getSpanId());
      assertThat(List.of(outbound.getKind(), attempt.getKind(), inbound.getKind()))
          .containsExactly(
              Span.SpanKind.SPAN_KIND_SERVER,
              Span.SpanKind.SPAN_KIND_CLIENT,
              Span.SpanKind.SPAN_KIND_SERVER);
      assertThat(inbound.getTraceState()).isEqualTo("a=1");
      assertThat(app.heads().getFirst())
          .contains("traceparent: 00-" + TRACE + "-" + hex(inbound.getSpanId()) + "-01")
          .contains("tracestate: a=1");
      assertThat(collector.received())
          .allSatisfy(resource ->
              assertThat(resource.getResource().getAttributesList())
                  .anyMatch(is("service.name", "shop")));
      assertThat(collector.headers())
          .allSatisfy(headers ->
              assertThat(headers.get(Metadata.Key.of("x-token", Metadata.ASCII_STRING_MARSHALLER)))
                  .isEqualTo("secret"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff-" + TRACE + "-" + PARENT + "-01",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-B7AD6B7169203331-01",
        "nonsense"
      })
  void anInvalidContextIsReplaced(String header) throws Exception {
    try (SpanCollector collector = SpanCollector.start();
        RawServer app = RawServer.answering("app");
        BootstrappedProxy proxy =
            proxy("INBOUND", traced(NOTHING), collector.port(), app.address().getPort())) {
      get(proxy, "traceparent: " + header, "tracestate: a=1");
      proxy.drain();
      Span span = span(collector, "ingress");
      assertThat(span.getParentSpanId()).isEqualTo(ByteString.EMPTY);
      assertThat(app.heads().getFirst())
          .contains("00-" + hex(span.getTraceId()) + "-" + hex(span.getSpanId()) + "-01")
          .doesNotContain(header)
          .doesNotContain("tracestate");
    }
  }

  @Test
  void everyAttemptHasASpan() throws Exception {
    try (SpanCollector collector = SpanCollector.start();
        RawServer app =
            new RawServer(connection -> {
              while (connection.readRequest()) {
                connection.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
              }
            });
        BootstrappedProxy proxy =
            proxy(
                "OUTBOUND",
                traced("spawn_upstream_span: true,"),
                collector.port(),
                app.address().getPort())) {
      assertThat(get(proxy)).startsWith("HTTP/1.1 503");
      proxy.drain();
      Span request = span(collector, "egress shop");
      List<Span> attempts =
          collector.spans().stream().filter(span -> !span.equals(request)).toList();
      assertThat(attempts)
          .hasSize(3)
          .allMatch(span -> span.getParentSpanId().equals(request.getSpanId()))
          .allMatch(span -> span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR);
      assertThat(attempts.get(2).getAttributesList()).anyMatch(is("retry.count", "2"));
      assertThat(app.heads())
          .hasSize(3)
          .allMatch(
              head -> attempts.stream().anyMatch(span -> head.contains(hex(span.getSpanId()))));
    }
  }

  @Test
  void whereNothingIsTracedTheContextPassesUntouched() throws Exception {
    try (RawServer app = RawServer.answering("app");
        BootstrappedProxy proxy = proxy("INBOUND", NOTHING, 1, app.address().getPort())) {
      for (String context : List.of("00-" + TRACE + "-" + PARENT + "-01", "ff-what", "")) {
        get(proxy, "traceparent: " + context, "tracestate: A=?", "tracestate: b=2");
        assertThat(app.heads().getLast())
            .contains("traceparent: " + context + "\n")
            .contains("tracestate: A=?\n")
            .contains("tracestate: b=2\n");
      }
    }
  }

  @Test
  void aCollectorThatDoesNotAnswerHoldsNothingUp() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (SpanCollector collector = SpanCollector.slow(answer);
        RawServer app = RawServer.answering("app");
        BootstrappedProxy proxy =
            proxy("INBOUND", traced(NOTHING), collector.port(), app.address().getPort());
        RawClient client = new RawClient(proxy.address("web"))) {
      // More than a batch and a full queue.
      for (int i = 0; i < 1700; i++) {
        assertThat(client.send("GET / HTTP/1.1\r\nHost: shop\r\n\r\n").response())
            .startsWith("HTTP/1.1 200");
      }
      await().until(() -> !collector.spans().isEmpty());
      assertThat(collector.spans()).hasSize(512);
      assertThat(proxy.metrics())
          .contains("heddle_trace_spans_total{result=\"dropped\"} 164.0")
          .doesNotContain("exported");
      answer.countDown();
      await().until(() -> collector.spans().size() == 1536);
    }
  }

  @Test
  void aCollectorThatIsAwayHoldsNothingUp() throws Exception {
    try (RawServer app = RawServer.answering("app");
        BootstrappedProxy proxy =
            proxy("INBOUND", traced(NOTHING), refusing.port(), app.address().getPort())) {
      assertThat(get(proxy)).startsWith("HTTP/1.1 200");
      proxy.drain();
      assertThat(proxy.metrics())
          .contains("heddle_trace_spans_total{result=\"failed\"} 1.0")
          .contains("heddle_trace_export_failures_total 1.0");
    }
  }

  private BootstrappedProxy proxy(String direction, String tracing, int collector, int app)
      throws Exception {
    return BootstrappedProxy.start(
        Files.createTempDirectory(directory, direction),
        """
        static_resources:
          listeners:
            - name: web
              traffic_direction: %s
              address: {socket_address: {address: 127.0.0.1, port_value: 0}}
              filter_chains: [{filters: [{name: http, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
                stat_prefix: web, %s
                route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {
                  cluster: app, retry_policy: {retry_on: 5xx, num_retries: 2, retry_back_off: {base_interval: 0.001s}}}}]}]},
                http_filters: [{name: router, typed_config: {
                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]}]
          clusters:
            - name: app
              load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {
                address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
            - name: collector
              load_assignment: {cluster_name: collector, endpoints: [{lb_endpoints: [{endpoint: {
                address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
        """
            .formatted(direction, tracing, app, collector));
  }

  private static String traced(String more) {
    return """
    tracing: {%s provider: {name: envoy.tracers.opentelemetry, typed_config: {
      "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop,
      grpc_service: {envoy_grpc: {cluster_name: collector}, initial_metadata: [{key: x-token, value: secret}]}}}},
    """
        .formatted(more)
        .replace("\n", " ");
  }

  private static String get(BootstrappedProxy proxy, String... headers) throws IOException {
    try (RawClient client = new RawClient(proxy.address("web"))) {
      String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      return client.send("GET / HTTP/1.1\r\nHost: shop\r\n" + more + "\r\n").response();
    }
  }

  private static Span span(SpanCollector collector, String name) {
    return collector.spans().stream()
        .filter(span -> span.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not among " + collector.spans()));
  }

  private static Predicate<KeyValue> is(String key, String value) {
    return attribute ->
        attribute.getKey().equals(key) && attribute.getValue().getStringValue().equals(value);
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}
