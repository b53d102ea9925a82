package dev.heddle.dataplane.xds.translation;

import com.google.protobuf.Value;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.Endpoint.Health;
import dev.heddle.dataplane.config.Endpoint.Locality;
import dev.heddle.dataplane.config.EndpointAssignment;
import dev.heddle.dataplane.config.Workload;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** envoy.config.endpoint.v3.ClusterLoadAssignment. */
final class EndpointTranslator {

  /** What Envoy's load balancers read (config/core/v3/base.proto, well-known metadata). */
  private static final String BALANCING_METADATA = "envoy.lb";

  private static final String HASH_KEY = "hash_key";

  private static final String TRANSPORT_SOCKET_MATCH = "envoy.transport_socket_match";

  /** Envoy's bound. */
  private static final int MAX_PRIORITY = 128;

  private static final int MAX_OVERPROVISIONING = 1_000_000;

  private EndpointTranslator() {}

  /**
   * The endpoints of all localities.
   *
   * @param names whether an address may be a host name, to be resolved later
   */
  static EndpointAssignment assignment(
      ClusterLoadAssignment assignment, boolean names, FieldPath path) {
    path.allowOnly(assignment, Set.of("cluster_name", "endpoints", "policy"));
    path.field("policy").allowOnly(assignment.getPolicy(), Set.of("overprovisioning_factor"));
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < assignment.getEndpointsCount(); i++) {
      LocalityLbEndpoints group = assignment.getEndpoints(i);
      FieldPath at = path.element("endpoints", i);
      at.allowOnly(
          group,
          Set.of("locality", "lb_endpoints", "priority", "load_balancing_weight"),
          Set.of("metadata", "proximity"));
      Locality locality =
          group.hasLocality()
              ? new Locality(group.getLocality().getRegion(), group.getLocality().getZone())
              : Locality.UNKNOWN;
      int priority = group.getPriority();
      if (priority < 0 || priority > MAX_PRIORITY) {
        throw at.field("priority")
            .invalid(Integer.toUnsignedString(priority), "0 to " + MAX_PRIORITY);
      }
      int weight =
          group.hasLoadBalancingWeight()
              ? Values.atLeastOne(group.getLoadBalancingWeight(), at.field("load_balancing_weight"))
              : 0;
      Place place = new Place(locality, priority, weight);
      for (int j = 0; j < group.getLbEndpointsCount(); j++) {
        endpoints.add(
            endpoint(group.getLbEndpoints(j), place, names, at.element("lb_endpoints", j)));
      }
    }
    return new EndpointAssignment(endpoints, overprovisioning(assignment, path));
  }

  private static int overprovisioning(ClusterLoadAssignment assignment, FieldPath path) {
    if (!assignment.getPolicy().hasOverprovisioningFactor()) {
      return EndpointAssignment.DEFAULT_OVERPROVISIONING_PERCENT;
    }
    int percent = assignment.getPolicy().getOverprovisioningFactor().getValue();
    if (percent < 1 || percent > MAX_OVERPROVISIONING) {
      throw path.field("policy")
          .field("overprovisioning_factor")
          .invalid(Integer.toUnsignedString(percent), "1 to " + MAX_OVERPROVISIONING);
    }
    return percent;
  }

  /** What the endpoints of a group have in common. */
  private record Place(Locality locality, int priority, int weight) {}

  private static Endpoint endpoint(
      LbEndpoint endpoint, Place place, boolean names, FieldPath path) {
    path.allowOnly(
        endpoint, Set.of("endpoint", "health_status", "metadata", "load_balancing_weight"));
    FieldPath at = path.field("endpoint");
    at.allowOnly(
        endpoint.getEndpoint(), Set.of("address"), Set.of("hostname", "health_check_config"));
    FieldPath address = at.field("address");
    return new Endpoint(
        names
            ? AddressTranslator.resolvedOrName(endpoint.getEndpoint().getAddress(), address)
            : AddressTranslator.resolved(endpoint.getEndpoint().getAddress(), address),
        switch (endpoint.getHealthStatus()) {
          case UNKNOWN, HEALTHY -> Health.HEALTHY;
          case DRAINING -> Health.DRAINING;
          case UNHEALTHY, TIMEOUT -> Health.UNHEALTHY;
          case DEGRADED, UNRECOGNIZED ->
              throw path.field("health_status")
                  .invalid(endpoint.getHealthStatus(), "HEALTHY, DRAINING or UNHEALTHY");
        },
        endpoint.hasLoadBalancingWeight()
            ? Values.atLeastOne(
                endpoint.getLoadBalancingWeight(), path.field("load_balancing_weight"))
            : 1,
        place.locality(),
        place.priority(),
        place.weight(),
        ClusterTranslator.texts(
            Values.struct(endpoint.getMetadata(), TRANSPORT_SOCKET_MATCH),
            path.field("metadata").entry("filter_metadata", TRANSPORT_SOCKET_MATCH)),
        workload(endpoint.getMetadata()),
        hashKey(endpoint.getMetadata(), path.field("metadata")));
  }

  private static @Nullable String hashKey(Metadata metadata, FieldPath path) {
    Value key = Values.struct(metadata, BALANCING_METADATA).getFieldsMap().get(HASH_KEY);
    if (key == null) {
      return null;
    }
    if (!key.hasStringValue() || key.getStringValue().isEmpty()) {
      throw path.entry("filter_metadata", BALANCING_METADATA)
          .field(HASH_KEY)
          .invalid(key, "a string that is not empty");
    }
    return key.getStringValue();
  }

  private static @Nullable Workload workload(Metadata metadata) {
    if (!metadata.containsFilterMetadata(Values.HEDDLE_METADATA)) {
      return null;
    }
    return new Workload(
        text(metadata, "workload"),
        text(metadata, "workload_kind"),
        text(metadata, "namespace"),
        text(metadata, "service_account"),
        text(metadata, "pod"),
        text(metadata, "app"),
        text(metadata, "version"));
  }

  private static String text(Metadata metadata, String key) {
    return Values.text(metadata, Values.HEDDLE_METADATA, key);
  }
}
