package dev.heddle.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.config.TrafficDirection;
import dev.heddle.dataplane.config.WeightedCluster;
import dev.heddle.dataplane.config.Workload;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.meshapi.identity.SpiffeId;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TrafficMetricsTest {

  private static final Workload CLIENT =
      new Workload("client", "Deployment", "shop", "client", "client-1", "client", "v1");
  private static final Workload WEB =
      new Workload("web-v1", "Deployment", "shop", "web", "web-1", "web", "v1");
  private static final Cluster.Destination SERVICE = new Cluster.Destination("web", "shop", 80);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void countsRequestsAsIstioDoesAtTheSource() {
    TrafficMetrics metrics = new TrafficMetrics(registry, CLIENT, "cluster.local");

    metrics.requestFinished(request(TrafficDirection.OUTBOUND, WEB, null, false, 200));
    metrics.requestFinished(request(TrafficDirection.OUTBOUND, WEB, null, false, 200));

    assertThat(registry.scrape())
        .contains(
            "istio_requests_total{connection_security_policy=\"unknown\",destination_app=\"web\","
                + "destination_principal=\"spiffe://cluster.local/ns/shop/sa/web\","
                + "destination_service=\"web.shop.svc.cluster.local\","
                + "destination_service_name=\"web\",destination_service_namespace=\"shop\","
                + "destination_version=\"v1\",destination_workload=\"web-v1\","
                + "destination_workload_namespace=\"shop\",reporter=\"source\","
                + "request_protocol=\"http\",response_code=\"200\",response_flags=\"-\","
                + "source_app=\"client\","
                + "source_principal=\"spiffe://cluster.local/ns/shop/sa/client\","
                + "source_version=\"v1\",source_workload=\"client\","
                + "source_workload_namespace=\"shop\"} 2.0")
        .containsPattern("istio_request_duration_milliseconds_bucket\\{.*le=\"0.5\"} 0")
        .containsPattern("istio_request_duration_milliseconds_bucket\\{.*le=\"5.0\"} 2")
        .containsPattern("istio_request_duration_milliseconds_bucket\\{.*le=\"3600000.0\"} 2")
        .containsPattern("istio_request_bytes_sum\\{.*} 20")
        .containsPattern("istio_response_bytes_sum\\{.*} 200");
  }

  @Test
  void tellsWhoCalledAtTheDestination() {
    TrafficMetrics metrics = new TrafficMetrics(registry, WEB, "cluster.local");

    metrics.requestFinished(
        request(
            TrafficDirection.INBOUND,
            CLIENT,
            SpiffeId.of("cluster.local", "shop", "client"),
            true,
            503));

    assertThat(registry.scrape())
        .containsPattern(
            "istio_requests_total\\{connection_security_policy=\"mutual_tls\".*"
                + "reporter=\"destination\".*response_code=\"503\".*"
                + "source_principal=\"spiffe://cluster.local/ns/shop/sa/client\".*} 1.0");
  }

  @Test
  void countsConnections() {
    TrafficMetrics metrics = new TrafficMetrics(registry, CLIENT, "cluster.local");
    ConnectionReport report =
        new ConnectionReport(
            context(TrafficDirection.OUTBOUND, null, false), SERVICE, WEB, null, true, null, 0, 0);

    metrics.connectionOpened(report);
    metrics.bytesCarried(report, 10, 20);
    metrics.connectionClosed(report);

    assertThat(registry.scrape())
        .containsPattern("istio_tcp_connections_opened_total\\{.*request_protocol=\"tcp\".*} 1.0")
        .containsPattern("istio_tcp_connections_closed_total\\{.*} 1.0")
        .containsPattern("istio_tcp_sent_bytes_total\\{.*} 10.0")
        .containsPattern("istio_tcp_received_bytes_total\\{.*} 20.0")
        .doesNotContainPattern("istio_tcp_sent_bytes_total\\{.*response_code");
  }

  @Test
  void boundsTheNumberOfSeries() {
    TrafficMetrics metrics = new TrafficMetrics(registry, CLIENT, "cluster.local");

    for (int i = 0; i < 2010; i++) {
      Workload peer = new Workload("peer-" + i, "", "", "", "", "", "");
      ConnectionReport report =
          new ConnectionReport(
              context(TrafficDirection.OUTBOUND, null, false), null, peer, null, false, null, 0, 0);
      metrics.connectionOpened(report);
    }

    assertThat(registry.scrape()).contains("heddle_metrics_dropped_total 10.0");
  }

  @Test
  void logsRequestsAsJsonLines() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = AccessLog.start(out);

    log.requestFinished(request(TrafficDirection.OUTBOUND, WEB, null, false, 200));
    log.close();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"start_time\":\"1970-01-01T00:00:00Z\",\"direction\":\"outbound\",\"listener\":\"l\","
                + "\"downstream_address\":\"10.0.0.1:1000\","
                + "\"original_destination\":\"10.0.0.2:80\",\"downstream_mutual_tls\":false,"
                + "\"protocol\":\"http1\",\"method\":\"GET\",\"authority\":\"web\",\"path\":\"/a\\\"b\","
                + "\"response_code\":200,\"attempts\":1,\"bytes_received\":10,\"bytes_sent\":100,"
                + "\"response_flags\":\"-\",\"destination_service\":\"web.shop\","
                + "\"peer_workload\":\"web-v1.shop\",\"upstream_address\":\"10.0.0.3:8080\","
                + "\"upstream_mutual_tls\":true,\"duration_ms\":2.000}\n");
    assertThat(log.dropped()).isZero();
  }

  private static RequestReport request(
      TrafficDirection direction,
      Workload peer,
      @Nullable SpiffeId caller,
      boolean mutualTls,
      int status) {
    return new RequestReport(
        context(direction, caller, mutualTls),
        HttpProtocol.HTTP1,
        false,
        "GET",
        "web",
        "/a\"b",
        status,
        -1,
        null,
        SERVICE,
        peer,
        new InetSocketAddress("10.0.0.3", 8080),
        true,
        10,
        100,
        0,
        2_000_000,
        1,
        null);
  }

  private static ConnectionContext context(
      TrafficDirection direction, @Nullable SpiffeId caller, boolean mutualTls) {
    FilterChain chain =
        new FilterChain(
            "c",
            FilterChainMatch.ANY,
            null,
            new TerminalFilter.TcpProxy("t", List.of(new WeightedCluster("c", 1)), Duration.ZERO));
    Listener listener =
        new Listener(
            "l",
            new InetSocketAddress("10.0.0.2", 80),
            direction,
            false,
            false,
            false,
            false,
            List.of(),
            chain);
    return new ConnectionContext(
        listener,
        chain,
        new InetSocketAddress("10.0.0.1", 1000),
        new InetSocketAddress("10.0.0.2", 80),
        caller,
        mutualTls);
  }
}
