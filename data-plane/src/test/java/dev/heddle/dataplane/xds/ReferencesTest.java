package dev.heddle.dataplane.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import dev.heddle.dataplane.xds.translation.YamlResources;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is asked for because something else names it. */
final class ReferencesTest {

  @Test
  void aListenerNamesTheCollectorOfItsSpans() throws IOException {
    Listener listener =
        new ResourceTranslator(SecretSource.WORKLOAD)
            .listener(
                "l",
                YamlResources.one(
                    "listener.v3.Listener",
                    """
                    name: l
                    address: {socket_address: {address: 127.0.0.1, port_value: 1}}
                    default_filter_chain: {filters: [{name: http, typed_config: {
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager,
                      tracing: {provider: {name: envoy.tracers.opentelemetry, typed_config: {
                        "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig,
                        grpc_service: {envoy_grpc: {cluster_name: collector}}}}},
                      rds: {config_source: {ads: {}}, route_config_name: r},
                      http_filters: [{name: router, typed_config: {
                        "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]}
                    """));
    assertThat(References.of(listener).clusters()).containsExactly("collector");
    assertThat(References.of(listener).routes()).containsExactly("r");
  }
}
