package dev.heddle.dataplane.fuzz;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heddle.dataplane.xds.translation.InvalidResourceException;
import dev.heddle.dataplane.xds.translation.ResourceTranslator;
import dev.heddle.dataplane.xds.translation.SecretSource;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;

/**
 * The input is one byte for the type ({@code L}, {@code R}, {@code C}, {@code E}) and the bytes of
 * a resource of that type. It is honoured, or refused with a sentence that names something
 * expected; nothing else happens.
 */
final class XdsFuzz {
  private static final ResourceTranslator TRANSLATOR =
      new ResourceTranslator(SecretSource.WORKLOAD);

  private XdsFuzz() {}

  static void check(byte[] input) {
    if (input.length == 0) {
      return;
    }
    ByteString bytes = ByteString.copyFrom(input, 1, input.length - 1);
    try {
      translate((char) input[0], bytes);
    } catch (InvalidResourceException e) {
      String message = e.getMessage();
      if (message == null || !message.contains("expected: ")) {
        throw new AssertionError("a refusal that does not say what was expected", e);
      }
    }
  }

  private static void translate(char type, ByteString bytes) {
    switch (type) {
      case 'L' -> TRANSLATOR.listener(name(Type.LISTENER, bytes), any(Type.LISTENER, bytes));
      case 'R' -> TRANSLATOR.routes(name(Type.ROUTES, bytes), any(Type.ROUTES, bytes));
      case 'C' -> TRANSLATOR.cluster(name(Type.CLUSTER, bytes), any(Type.CLUSTER, bytes));
      case 'E' -> TRANSLATOR.endpoints(name(Type.ENDPOINTS, bytes), any(Type.ENDPOINTS, bytes));
      default -> {}
    }
  }

  private enum Type {
    LISTENER("listener.v3.Listener"),
    ROUTES("route.v3.RouteConfiguration"),
    CLUSTER("cluster.v3.Cluster"),
    ENDPOINTS("endpoint.v3.ClusterLoadAssignment");

    private final String url;

    Type(String message) {
      this.url = "type.googleapis.com/envoy.config." + message;
    }
  }

  private static Any any(Type type, ByteString bytes) {
    return Any.newBuilder().setTypeUrl(type.url).setValue(bytes).build();
  }

  /** The name that the resource gives itself, which is how a server would label it. */
  private static String name(Type type, ByteString bytes) {
    try {
      return switch (type) {
        case LISTENER -> Listener.parseFrom(bytes).getName();
        case ROUTES -> RouteConfiguration.parseFrom(bytes).getName();
        case CLUSTER -> Cluster.parseFrom(bytes).getName();
        case ENDPOINTS -> ClusterLoadAssignment.parseFrom(bytes).getClusterName();
      };
    } catch (InvalidProtocolBufferException e) {
      return "unreadable";
    }
  }
}
