package dev.heddle.smiadapter.translate;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Workload;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import java.util.LinkedHashMap;
import java.util.Map;

/** What proxies need to know of a cluster or an endpoint beyond how to reach it. */
final class MeshMetadata {

  /** The key by which an endpoint chooses among the transport sockets of its cluster. */
  static final String IDENTITY = "identity";

  private static final String HEDDLE = "heddle.dev";
  private static final String TRANSPORT_SOCKET_MATCH = "envoy.transport_socket_match";

  private MeshMetadata() {}

  /** Of a cluster: the port of a service it stands for. */
  static Metadata ofCluster(ObjectName service, int port) {
    Struct fields =
        struct(Map.of("service", text(service.name()), "namespace", text(service.namespace())))
            .putFields("port", Value.newBuilder().setNumberValue(port).build())
            .build();
    return Metadata.newBuilder().putFilterMetadata(HEDDLE, fields).build();
  }

  /**
   * Of an endpoint that is a pod: what it is called in telemetry, and its identity if it has one.
   */
  static Metadata ofEndpoint(Workload workload, String trustDomain) {
    Map<String, Value> fields = new LinkedHashMap<>();
    fields.put("workload", text(workload.owner()));
    fields.put("workload_kind", text(workload.ownerKind()));
    fields.put("namespace", text(workload.name().namespace()));
    fields.put("service_account", text(workload.serviceAccount()));
    fields.put("pod", text(workload.name().name()));
    fields.put("app", text(workload.app()));
    fields.put("version", text(workload.version()));
    Metadata.Builder metadata =
        Metadata.newBuilder().putFilterMetadata(HEDDLE, struct(fields).build());
    if (workload.meshed()) {
      metadata.putFilterMetadata(
          TRANSPORT_SOCKET_MATCH, matching(Identities.of(workload, trustDomain)));
    }
    return metadata.build();
  }

  /** What selects the transport socket of an identity. */
  static Struct matching(SpiffeId identity) {
    return struct(Map.of(IDENTITY, text(identity.toString()))).build();
  }

  private static Struct.Builder struct(Map<String, Value> fields) {
    return Struct.newBuilder().putAllFields(fields);
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
