package dev.heddle.dataplane.bootstrap;

import dev.heddle.dataplane.bootstrap.StandaloneConfiguration.ControlPlane;
import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.xds.translation.FieldPath;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code dynamic_resources}: all of them from one delta ADS server, which is a static cluster. */
final class DynamicResources {

  private static final FieldPath PATH = FieldPath.ROOT.field("dynamic_resources");

  private DynamicResources() {}

  /** The server of a bootstrap that has dynamic resources. */
  static ControlPlane controlPlane(
      Bootstrap bootstrap,
      Map<String, Cluster> clusters,
      Map<String, EndpointAssignment> endpoints) {
    Bootstrap.DynamicResources dynamic = bootstrap.getDynamicResources();
    PATH.allowOnly(dynamic, Set.of("ads_config", "lds_config", "cds_config"));
    if (!dynamic.hasLdsConfig()) {
      throw PATH.field("lds_config").invalid("not set", "{ads: {}}");
    }
    aggregated(dynamic.getLdsConfig(), PATH.field("lds_config"));
    if (dynamic.hasCdsConfig()) {
      aggregated(dynamic.getCdsConfig(), PATH.field("cds_config"));
    }
    if (bootstrap.getNode().getId().isEmpty()) {
      throw FieldPath.ROOT.field("node").field("id").invalid("\"\"", "the name of this proxy");
    }

    FieldPath at = PATH.field("ads_config");
    GrpcService service = service(dynamic.getAdsConfig(), at);
    FieldPath nameAt = at.element("grpc_services", 0).field("envoy_grpc").field("cluster_name");
    String name = service.getEnvoyGrpc().getClusterName();
    @Nullable Cluster cluster = clusters.get(name);
    if (cluster == null) {
      throw nameAt.invalid(
          '"' + name + '"', "one of static_resources.clusters: " + clusters.keySet());
    }
    EndpointAssignment assignment = endpoints.getOrDefault(name, EndpointAssignment.NONE);
    if (assignment.endpoints().size() != 1) {
      throw nameAt.invalid(
          '"' + name + "\" with " + assignment.endpoints().size() + " endpoints",
          "a cluster with one");
    }
    return new ControlPlane(
        bootstrap.getNode(), assignment.endpoints().getFirst().address(), cluster.defaultTls());
  }

  private static GrpcService service(ApiConfigSource source, FieldPath path) {
    path.allowOnly(
        source,
        Set.of("api_type", "transport_api_version", "grpc_services"),
        Set.of("set_node_on_first_message_only"));
    if (source.getApiType() != ApiConfigSource.ApiType.DELTA_GRPC) {
      throw path.field("api_type").invalid(source.getApiType(), "DELTA_GRPC");
    }
    version(source.getTransportApiVersion(), path.field("transport_api_version"));
    if (source.getGrpcServicesCount() != 1) {
      throw path.field("grpc_services").invalid(source.getGrpcServicesCount() + " services", "one");
    }
    GrpcService service = source.getGrpcServices(0);
    FieldPath at = path.element("grpc_services", 0);
    at.allowOnly(service, Set.of("envoy_grpc"), Set.of("timeout"));
    at.field("envoy_grpc").allowOnly(service.getEnvoyGrpc(), Set.of("cluster_name"));
    return service;
  }

  private static void aggregated(ConfigSource source, FieldPath path) {
    path.allowOnly(source, Set.of("ads", "resource_api_version"), Set.of("initial_fetch_timeout"));
    if (!source.hasAds()) {
      throw path.invalid(source, "{ads: {}}");
    }
    version(source.getResourceApiVersion(), path.field("resource_api_version"));
  }

  /** AUTO is what stands there where nothing does. */
  private static void version(ApiVersion version, FieldPath path) {
    if (version != ApiVersion.V3 && version != ApiVersion.AUTO) {
      throw path.invalid(version, "V3");
    }
  }
}
