package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.Locality;
import dev.heddle.smiadapter.state.ObjectName;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the endpoint lists of clusters. */
final class LoadAssignments {

  private LoadAssignments() {}

  /** The endpoints of a port of a service, by where they are. */
  static Resource ofService(
      ObjectName service, int port, List<ResolvedEndpoint> endpoints, String trustDomain) {
    String name = ResourceNames.service(service, port);
    Map<Locality, LocalityLbEndpoints.Builder> localities = new LinkedHashMap<>();
    for (ResolvedEndpoint endpoint : endpoints) {
      localities
          .computeIfAbsent(endpoint.locality(), LoadAssignments::locality)
          .addLbEndpoints(
              chosen(endpoint, trustDomain).toBuilder()
                  .setHealthStatus(
                      endpoint.terminating() ? HealthStatus.DRAINING : HealthStatus.HEALTHY));
    }
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder().setClusterName(name);
    localities.values().forEach(assignment::addEndpoints);
    Resource resource = Resource.of(ResourceType.ENDPOINT, name, assignment.build());
    // Routes leave out a backend without endpoints; a client hears of that first.
    return endpoints.stream().allMatch(ResolvedEndpoint::terminating)
        ? resource.asWithdrawal()
        : resource;
  }

  /** An endpoint without a word on its health. */
  static LbEndpoint chosen(ResolvedEndpoint endpoint, String trustDomain) {
    LbEndpoint.Builder builder =
        LbEndpoint.newBuilder()
            .setEndpoint(
                Endpoint.newBuilder().setAddress(socket(endpoint.address(), endpoint.port())));
    endpoint
        .workload()
        .ifPresent(workload -> builder.setMetadata(MeshMetadata.ofEndpoint(workload, trustDomain)));
    return builder.build();
  }

  /** A TCP address. */
  static Address socket(String address, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
        .build();
  }

  private static LocalityLbEndpoints.Builder locality(Locality locality) {
    LocalityLbEndpoints.Builder builder = LocalityLbEndpoints.newBuilder();
    if (!locality.equals(Locality.UNKNOWN)) {
      builder.setLocality(
          io.envoyproxy.envoy.config.core.v3.Locality.newBuilder()
              .setRegion(locality.region())
              .setZone(locality.zone()));
    }
    return builder;
  }
}
