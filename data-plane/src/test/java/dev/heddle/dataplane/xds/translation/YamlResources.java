package dev.heddle.dataplane.xds.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.protobuf.Any;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Envoy's resources as people write them. */
public final class YamlResources {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final JsonFormat.TypeRegistry TYPES =
      JsonFormat.TypeRegistry.newBuilder()
          .add(io.envoyproxy.envoy.config.rbac.v3.RBAC.getDescriptor())
          .add(Listener.getDescriptor())
          .add(RouteConfiguration.getDescriptor())
          .add(Cluster.getDescriptor())
          .add(ClusterLoadAssignment.getDescriptor())
          .add(HttpConnectionManager.getDescriptor())
          .add(TcpProxy.getDescriptor())
          .add(Router.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor())
          .add(HttpInspector.getDescriptor())
          .add(TlsInspector.getDescriptor())
          .add(OriginalDst.getDescriptor())
          .add(DownstreamTlsContext.getDescriptor())
          .add(UpstreamTlsContext.getDescriptor())
          .add(HttpProtocolOptions.getDescriptor())
          .add(PreviousHostsPredicate.getDescriptor())
          .add(OpenTelemetryConfig.getDescriptor())
          .build();

  private YamlResources() {}

  /** A list of resources, each with its {@code @type}. */
  public static List<Any> all(String yaml) throws IOException {
    List<Any> resources = new ArrayList<>();
    for (JsonNode resource : YAML.readTree(yaml)) {
      resources.add(any(resource));
    }
    return resources;
  }

  /** One resource of a type of {@code envoy.config}, for example {@code listener.v3.Listener}. */
  public static Any one(String type, String yaml) throws IOException {
    var tree = (com.fasterxml.jackson.databind.node.ObjectNode) YAML.readTree(yaml);
    tree.put("@type", "type.googleapis.com/envoy.config." + type);
    return any(tree);
  }

  private static Any any(JsonNode resource) throws IOException {
    Any.Builder any = Any.newBuilder();
    JsonFormat.parser().usingTypeRegistry(TYPES).merge(resource.toString(), any);
    return any.build();
  }
}
