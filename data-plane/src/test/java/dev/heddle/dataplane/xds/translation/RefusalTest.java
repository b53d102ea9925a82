package dev.heddle.dataplane.xds.translation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would change behaviour and is not honoured is refused by path, value and expectation. */
final class RefusalTest {

  private final ResourceTranslator translator = new ResourceTranslator(SecretSource.WORKLOAD);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{prefix: /, query_parameters: [{}]}|match.query_parameters[0].name: \"\" (expected: a parameter's name)",
        "{path_separated_prefix: /a/}|match.path_separated_prefix: \"/a/\" (expected: a path without query",
        "{safe_regex: {regex: a}, case_sensitive: false}|match.case_sensitive: false (expected: (?i) in the regex instead)",
        "{safe_regex: {regex: '('}}|match.safe_regex.regex: ( (expected: RE2 syntax: missing closing )",
        "{prefix: /, runtime_fraction: {default_value: {numerator: 1}}}|match.runtime_fraction: ",
        "{prefix: /, headers: [{present_match: true}]}|match.headers[0].name: \"\" (expected: a header name)",
        "{prefix: /, headers: [{name: a, string_match: {safe_regex: {regex: b}, ignore_case: true}}]}|match.headers[0].string_match.ignore_case: true",
      })
  void ofRouteMatches(String match, String message) {
    refusedRoute("{match: " + match + ", route: {cluster: c}}", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "redirect: {port_redirect: 70000}|redirect.port_redirect: 70000 (expected: 1 to 65535)",
        "route: {cluster_header: x}|route.cluster_header: x (expected: not set",
        "route: {cluster: c, prefix_rewrite: '/a b'}|route.prefix_rewrite: \"/a b\" (expected: printable ASCII",
        "route: {cluster: c, auto_host_rewrite: true}|route.auto_host_rewrite: ",
        "route: {cluster: c, regex_rewrite: {pattern: {regex: '(a)'}, substitution: '\\2'}}|route.regex_rewrite.substitution: ",
        "route: {cluster: c, retry_policy: {retry_on: sometimes}}|route.retry_policy.retry_on: \"sometimes\" (expected: any of [5xx",
        "route: {cluster: c, retry_policy: {retry_on: reset, num_retries: 11}}|route.retry_policy.num_retries: 11 (expected: 0 to 10)",
        "route: {cluster: c, retry_policy: {retry_on: reset, retry_back_off: {base_interval: 0s}}}|route.retry_policy.retry_back_off.base_interval: PT0S (expected: above 0)",
        "route: {cluster: c, retry_policy: {retry_on: reset, retry_back_off: {base_interval: 1s, max_interval: 0.5s}}}|route.retry_policy.retry_back_off.max_interval: PT0.5S (expected: no less than base_interval, PT1S)",
        "route: {cluster: c, timeout: -1s}|route.timeout: ",
        "route: {weighted_clusters: {clusters: []}}|route.weighted_clusters.clusters: [] (expected: at least one cluster)",
        "route: {cluster: c, request_mirror_policies: [{}]}|route.request_mirror_policies[0].cluster: \"\" (expected: a cluster's name)",
        "direct_response: {status: 99}|direct_response.status: 99 (expected: 200 to 599)",
        "request_headers_to_add: [{header: {key: Host, value: b}}], route: {cluster: c}|request_headers_to_add[0].header.key: \"Host\" (expected: a header name, but none of ",
        "request_headers_to_add: [{header: {key: a, value: '%HOSTNAME%'}}], route: {cluster: c}|request_headers_to_add[0].header.value: %HOSTNAME% (expected: %REQ(name)% or one of ",
        "request_headers_to_add: [{header: {key: a, value: '100%'}}], route: {cluster: c}|request_headers_to_add[0].header.value: \"100%\" (expected: %OPERATOR%, or %% for a percent sign)",
        "tracing: {custom_tags: [{tag: a, metadata: {}}]}, route: {cluster: c}|tracing.custom_tags[0].metadata:  (expected: not set",
        "decorator: {propagate: true}, route: {cluster: c}|decorator.operation: \"\" (expected: the operation's name)",
        "typed_per_filter_config: {f: {'@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}, route: {cluster: c}|typed_per_filter_config[\"f\"]: type.googleapis.com/envoy.extensions.filters.http.router.v3.Router (expected: RBAC",
      })
  void ofRouteActions(String action, String message) {
    refusedRoute("{match: {prefix: /}, " + action + "}", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "verbose: true|tracing.verbose: true (expected: not set, this field is not supported)",
        "random_sampling: {value: 101}, OK|tracing.random_sampling.value: 101.0 (expected: 0 to 100)",
        "max_path_tag_length: 0, OK|tracing.max_path_tag_length.value: 0 (expected: 1 to 2147483647)",
        "custom_tags: [{tag: a, environment: {default_value: X}}], OK|tracing.custom_tags[0].environment.name: \"\" (expected: a variable's name)",
        "custom_tags: [{literal: {value: a}}], OK|tracing.custom_tags[0].tag: \"\" (expected: the attribute's name)",
        "custom_tags: [{tag: a}], OK|tracing.custom_tags[0]: TYPE_NOT_SET (expected: literal, environment or request_header)",
        "custom_tags: [{tag: a, request_header: {name: 'a b'}}], OK|tracing.custom_tags[0].request_header.name: \"a b\" (expected: a header name",
        "``|tracing.provider: not set (expected: OpenTelemetryConfig)",
        "provider: {name: z}|tracing.provider.typed_config:  (expected: envoy.config.trace.v3.OpenTelemetryConfig)",
        "PROVIDER {sampler: {name: s}}|tracing.provider.typed_config.sampler: ",
        "PROVIDER {service_name: s}|tracing.provider.typed_config: no service (expected: either grpc_service or http_service)",
        "PROVIDER {grpc_service: {google_grpc: {target_uri: a}}}|typed_config.grpc_service.google_grpc: ",
        "PROVIDER {grpc_service: {envoy_grpc: {}}}|typed_config.grpc_service.envoy_grpc.cluster_name: \"\" (expected: a cluster's name)",
        "PROVIDER {grpc_service: {envoy_grpc: {cluster_name: c}, timeout: 0s}}|typed_config.grpc_service.timeout: PT0S (expected: above 0 and at most PT30S)",
        "PROVIDER {grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: a, value: '%PROTOCOL%'}]}}|typed_config.grpc_service.initial_metadata[0].value: \"%PROTOCOL%\" (expected: a value that is always the same)",
        "PROVIDER {http_service: {http_uri: {uri: collector, cluster: c, timeout: 1s}}}|typed_config.http_service.http_uri.uri: \"collector\" (expected: an http or https URI)",
      })
  void ofTracing(String fields, String message) {
    String tracing =
        fields
            .replace("OK", "PROVIDER {grpc_service: {envoy_grpc: {cluster_name: c}}}")
            .replace(
                "PROVIDER {",
                "provider: {name: envoy.tracers.opentelemetry, typed_config: {'@type': "
                    + "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, ")
            .replaceFirst("(provider: .*typed_config: .*)$", "$1}");
    assertThatThrownBy(() ->
            translator.listener(
                "l", listener("filter_chains: [{filters: [HCM-TRACED " + tracing + "}}}]}]")))
        .isInstanceOf(InvalidResourceException.class)
        .message()
        .startsWith("filter_chains[0].filters[0].typed_config.")
        .contains(message);
  }

  private void refusedRoute(String route, String message) {
    String yaml = "{name: r, virtual_hosts: [{name: v, domains: ['*'], routes: [" + route + "]}]}";
    assertThatThrownBy(
            () -> translator.routes("r", YamlResources.one("route.v3.RouteConfiguration", yaml)))
        .isInstanceOf(InvalidResourceException.class)
        .message()
        .startsWith("virtual_hosts[0].routes[0].")
        .contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: d|name: \"d\" (expected: \"c\")",
        "name: c, type: EDS|eds_cluster_config.eds_config: not set (expected: {ads: {}})",
        "name: c, lb_policy: LOAD_BALANCING_POLICY_CONFIG|lb_policy: LOAD_BALANCING_POLICY_CONFIG (expected: ROUND_ROBIN, LEAST_REQUEST, RANDOM",
        "name: c, lb_policy: RANDOM, maglev_lb_config: {table_size: 7}|maglev_lb_config: set (expected: not set for lb_policy RANDOM)",
        "name: c, lb_policy: MAGLEV, maglev_lb_config: {table_size: 8}|maglev_lb_config.table_size: 8 (expected: a prime number",
        "name: c, lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 9, maximum_ring_size: 8}|ring_hash_lb_config.minimum_ring_size: 9 (expected: 1 to maximum_ring_size, 8)",
        "name: c, common_lb_config: {zone_aware_lb_config: {}}|common_lb_config.zone_aware_lb_config: ",
        "name: c, common_lb_config: {healthy_panic_threshold: {value: 101}}|common_lb_config.healthy_panic_threshold.value: 101.0 (expected: 0 to 100)",
        "name: c, outlier_detection: {max_ejection_percent: 101}|outlier_detection.max_ejection_percent: 101 (expected: 0 to 100)",
        "name: c, outlier_detection: {base_ejection_time: 9s, max_ejection_time: 8s}|outlier_detection.max_ejection_time: PT8S (expected: no less than base_ejection_time)",
        "name: c, outlier_detection: {monitors: [{name: x}]}|outlier_detection.monitors: ",
        "name: c, connect_timeout: 0s|connect_timeout: 0s (expected: > 0s)",
        "name: c, health_checks: [{timeout: 1s}]|health_checks[0].interval: 0s (expected: > 0s)",
        "name: c, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1}]|health_checks[0]: HEALTHCHECKER_NOT_SET (expected: http_health_check",
        "name: c, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: x}}]|health_checks[0].http_health_check.path: \"x\" (expected: a path",
        "name: c, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {send: {text: xyz}}}]|health_checks[0].tcp_health_check.send.text: \"xyz\" (expected: bytes in hexadecimal)",
        "name: c, circuit_breakers: {thresholds: [{max_connection_pools: 1}]}|circuit_breakers.thresholds[0].max_connection_pools: ",
        "name: c, circuit_breakers: {thresholds: [{retry_budget: {budget_percent: {value: 120}}}]}|circuit_breakers.thresholds[0].retry_budget.budget_percent.value: 120.0 (expected: 0 to 100)",
        "name: c, load_assignment: {endpoints: [{priority: 129}]}|load_assignment.endpoints[0].priority: 129 (expected: 0 to 128)",
        "name: c, load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: web, port_value: 1}}}}]}]}|load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: web (expected: an IP address)",
        "name: c, load_assignment: {endpoints: [{lb_endpoints: [{health_status: DEGRADED, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}|health_status: DEGRADED (expected: HEALTHY, DRAINING or UNHEALTHY)",
        "name: c, load_assignment: {endpoints: [{lb_endpoints: [{metadata: {filter_metadata: {envoy.lb: {hash_key: 7}}}, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}|lb_endpoints[0].metadata.filter_metadata[\"envoy.lb\"].hash_key: number_value: 7.0",
        "name: c, metadata: {filter_metadata: {heddle.dev: {service: s, port: http}}}|filter_metadata[\"heddle.dev\"].port: http (expected: a port number)",
      })
  void ofClusters(String fields, String message) {
    assertThatThrownBy(() ->
            translator.cluster("c", YamlResources.one("cluster.v3.Cluster", "{" + fields + "}")))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "filter_chains: []|filter_chains: [] (expected: at least one filter chain)",
        "filter_chains: [{filters: []}]|filter_chains[0].filters: [] (expected: an HTTP connection manager or TCP proxy)",
        "access_log: [{name: x}], default_filter_chain: {filters: [TCP]}|access_log: ",
        "filter_chains: [{filters: [TCP, TCP]}]|filter_chains[0].filters[0].typed_config: type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy (expected: envoy.extensions.filters.network.rbac.v3.RBAC)",
        "filter_chains: [{filter_chain_match: {source_ports: [1]}, filters: [TCP]}]|filter_chains[0].filter_chain_match.source_ports: [1] (expected: not set",
        "filter_chains: [{filters: [TCP]}, {filters: [TCP]}]|filter_chains[1].filter_chain_match: ",
        "default_filter_chain: {filters: [RBAC {rules: {action: LOG}}, TCP]}|default_filter_chain.filters[0].typed_config.rules.action: LOG (expected: ALLOW or DENY)",
        "default_filter_chain: {filters: [RBAC {shadow_rules: {}}, TCP]}|filters[0].typed_config.shadow_rules: ",
        "default_filter_chain: {filters: [RBAC {matcher: {}}, TCP]}|filters[0].typed_config.matcher: ",
        "default_filter_chain: {filters: [RBAC-PERMITS url_path: {path: {exact: /}}, TCP]}|filters[0].typed_config.rules.policies[\"p\"].permissions[0].url_path: exact: \"/\" (expected: a condition on the connection, not on a request)",
        "default_filter_chain: {filters: [RBAC-PERMITS not_rule: {header: {name: a}}, TCP]}|permissions[0].not_rule.header: a (expected: a condition on the connection, not on a request)",
        "default_filter_chain: {filters: [RBAC-PERMITS requested_server_name: {exact: a}, TCP]}|permissions[0].requested_server_name: exact: \"a\" (expected: a TLS inspector among the listener's listener_filters)",
        "default_filter_chain: {filters: [RBAC-PERMITS metadata: {}, TCP]}|permissions[0]: METADATA (expected: any, requested_server_name, destination_ip",
        "default_filter_chain: {filters: [RBAC-CALLS and_ids: {ids: [{url_path: {path: {exact: /}}}]}, TCP]}|principals[0].and_ids.ids[0].url_path: ",
        "default_filter_chain: {filters: [RBAC-CALLS or_ids: {}, TCP]}|principals[0].or_ids.ids: [] (expected: at least one)",
        "default_filter_chain: {filters: [RBAC-CALLS remote_ip: {address_prefix: a}, TCP]}|principals[0].remote_ip.address_prefix: \"a\" (expected: an IP address)",
        "default_filter_chain: {filters: [RBAC {rules: {}}]}|filters[0].typed_config: type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC (expected: HttpConnectionManager or TcpProxy",
        "default_filter_chain: {transport_socket: TLS-FILE, filters: [TCP]}|tls_certificates[0].certificate_chain.filename: /etc/passwd (expected: an inline value)",
        "default_filter_chain: {transport_socket: TLS-SECRET, filters: [TCP]}|tls_certificate_sds_secret_configs[0].name: other (expected: one of [workload-certificate])",
        "default_filter_chain: {filters: [HCM-GZIP]}|default_filter_chain.filters[0].typed_config.http_filters: [] (expected: a router as the last filter)",
      })
  void ofListeners(String fields, String message) {
    assertThatThrownBy(() -> translator.listener("l", listener(fields)))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining(message);
  }

  private static com.google.protobuf.Any listener(String fields) throws IOException {
    String type = "'@type': type.googleapis.com/envoy.extensions.";
    String filters = type + "filters.network.";
    String tls =
        "{name: tls, typed_config: {"
            + type
            + "transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {";
    String yaml =
        fields
            .replaceAll(
                "RBAC-PERMITS (.*?), TCP",
                "RBAC {rules: {policies: {p: {principals: [{any: true}], permissions: [{$1}]}}}},"
                    + " TCP")
            .replaceAll(
                "RBAC-CALLS (.*?), TCP",
                "RBAC {rules: {policies: {p: {permissions: [{any: true}], principals: [{$1}]}}}},"
                    + " TCP")
            .replaceAll(
                "RBAC \\{(.*)\\}(, TCP|\\])",
                "{name: r, typed_config: {" + filters + "rbac.v3.RBAC, $1}}$2")
            .replace(
                "TLS-FILE",
                tls + "tls_certificates: [{certificate_chain: {filename: /etc/passwd}}]}}}")
            .replace("TLS-SECRET", tls + "tls_certificate_sds_secret_configs: [{name: other}]}}}")
            .replace(
                "HCM-GZIP",
                "{name: h, typed_config: {"
                    + filters
                    + "http_connection_manager.v3.HttpConnectionManager, route_config: {}}}")
            .replace(
                "HCM-TRACED",
                "{name: h, typed_config: {"
                    + filters
                    + "http_connection_manager.v3.HttpConnectionManager, route_config: {},"
                    + " http_filters: [{name: r, typed_config: {"
                    + type
                    + "filters.http.router.v3.Router}}], tracing: {")
            .replaceAll(
                "\\bTCP\\b",
                "{name: t, typed_config: {" + filters + "tcp_proxy.v3.TcpProxy, cluster: c}}");
    return YamlResources.one(
        "listener.v3.Listener",
        "{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 1}}, " + yaml + "}");
  }
}
