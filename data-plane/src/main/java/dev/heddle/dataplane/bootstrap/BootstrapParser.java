package dev.heddle.dataplane.bootstrap;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.envoyproxy.envoy.config.trace.v3.OpenTelemetryConfig;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.maglev.v3.Maglev;
import io.envoyproxy.envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * YAML or JSON to Envoy's Bootstrap. A field that is unknown or has a value of the wrong kind is
 * named by its path.
 */
final class BootstrapParser {

  private static final String TYPE_FIELD = "@type";

  /** What may stand in an Any: exactly what the translation knows. */
  private static final JsonFormat.TypeRegistry TYPES =
      JsonFormat.TypeRegistry.newBuilder()
          .add(HttpConnectionManager.getDescriptor())
          .add(TcpProxy.getDescriptor())
          .add(Router.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDescriptor())
          .add(RBACPerRoute.getDescriptor())
          .add(HTTPFault.getDescriptor())
          .add(JwtAuthentication.getDescriptor())
          .add(OpenTelemetryConfig.getDescriptor())
          .add(PerRouteConfig.getDescriptor())
          .add(LocalRateLimit.getDescriptor())
          .add(FilterConfig.getDescriptor())
          .add(PreviousHostsPredicate.getDescriptor())
          .add(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDescriptor())
          .add(HttpInspector.getDescriptor())
          .add(TlsInspector.getDescriptor())
          .add(OriginalDst.getDescriptor())
          .add(ProxyProtocol.getDescriptor())
          .add(ConnectionLimit.getDescriptor())
          .add(RoundRobin.getDescriptor())
          .add(LeastRequest.getDescriptor())
          .add(
              io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random
                  .getDescriptor())
          .add(RingHash.getDescriptor())
          .add(Maglev.getDescriptor())
          .add(DownstreamTlsContext.getDescriptor())
          .add(UpstreamTlsContext.getDescriptor())
          .add(RawBuffer.getDescriptor())
          .add(HttpProtocolOptions.getDescriptor())
          .build();

  private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(TYPES);

  private BootstrapParser() {}

  static Bootstrap parse(String text) throws InvalidBootstrapException {
    JsonElement tree = YamlTree.parse(text);
    if (!tree.isJsonObject()) {
      throw new InvalidBootstrapException(
          (tree.isJsonNull() ? "the file is empty" : "the file holds no mapping")
              + " (expected: an Envoy bootstrap)");
    }
    // By its descriptor: the image leaves out accessors that only reflection would call.
    DynamicMessage.Builder bootstrap = DynamicMessage.newBuilder(Bootstrap.getDescriptor());
    try {
      PARSER.merge(tree.toString(), bootstrap);
      return Bootstrap.parseFrom(bootstrap.build().toByteString());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      check(tree, Bootstrap.getDescriptor(), "");
      throw new InvalidBootstrapException(String.valueOf(e.getMessage()));
    }
  }

  /** Finds the first field that does not parse. */
  private static void check(JsonElement node, Descriptor type, String path)
      throws InvalidBootstrapException {
    if (type.getFullName().equals(Any.getDescriptor().getFullName())) {
      checkAny(node, path);
      return;
    }
    if (type.getFullName().startsWith(BoolValue.getDescriptor().getFile().getPackage() + ".")) {
      parse(node.toString(), type, path, node);
      return;
    }
    if (!node.isJsonObject()) {
      throw invalid(path, node, "an object, " + type.getFullName());
    }
    for (Map.Entry<String, JsonElement> entry : node.getAsJsonObject().entrySet()) {
      String name = entry.getKey();
      String at = path.isEmpty() ? name : path + "." + name;
      if (name.equals(TYPE_FIELD)) {
        continue;
      }
      FieldDescriptor field = field(type, name);
      if (field == null) {
        throw new InvalidBootstrapException(at + ": no such field in " + type.getFullName());
      }
      check(entry.getValue(), field, at, name);
    }
  }

  private static void check(JsonElement value, FieldDescriptor field, String path, String name)
      throws InvalidBootstrapException {
    if (value.isJsonNull()) {
      return;
    }
    boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    if (field.isMapField()) {
      if (!value.isJsonObject()) {
        throw invalid(path, value, "a mapping");
      }
      FieldDescriptor mapped = field.getMessageType().findFieldByName("value");
      for (Map.Entry<String, JsonElement> entry : value.getAsJsonObject().entrySet()) {
        if (mapped.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          check(entry.getValue(), mapped.getMessageType(), path + "[\"" + entry.getKey() + "\"]");
        }
      }
    } else if (field.isRepeated()) {
      if (!(value instanceof JsonArray list)) {
        throw invalid(path, value, "a list");
      }
      for (int i = 0; message && i < list.size(); i++) {
        check(list.get(i), field.getMessageType(), path + "[" + i + "]");
      }
    } else if (message) {
      check(value, field.getMessageType(), path);
    }
    parse("{\"" + name + "\":" + value + "}", field.getContainingType(), path, value);
  }

  private static void checkAny(JsonElement node, String path) throws InvalidBootstrapException {
    if (!node.isJsonObject()) {
      throw invalid(path, node, "an object with " + TYPE_FIELD);
    }
    String url =
        node.getAsJsonObject().get(TYPE_FIELD) instanceof JsonPrimitive text
            ? text.getAsString()
            : "";
    String name = url.substring(url.lastIndexOf('/') + 1);
    @Nullable Descriptor type = TYPES.find(name);
    if (type == null) {
      throw new InvalidBootstrapException(
          path
              + "."
              + TYPE_FIELD
              + ": \""
              + url
              + "\" (expected: a type that this proxy supports)");
    }
    check(node, type, path);
  }

  private static @Nullable FieldDescriptor field(Descriptor type, String name) {
    FieldDescriptor field = type.findFieldByName(name);
    if (field != null) {
      return field;
    }
    for (FieldDescriptor candidate : type.getFields()) {
      if (candidate.getJsonName().equals(name)) {
        return candidate;
      }
    }
    return null;
  }

  private static void parse(String json, Descriptor type, String path, JsonElement shown)
      throws InvalidBootstrapException {
    try {
      PARSER.merge(json, DynamicMessage.newBuilder(type));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw new InvalidBootstrapException(path + ": " + shown + " (" + e.getMessage() + ")");
    }
  }

  private static InvalidBootstrapException invalid(
      String path, JsonElement value, String expected) {
    return new InvalidBootstrapException(path + ": " + value + " (expected: " + expected + ")");
  }
}
