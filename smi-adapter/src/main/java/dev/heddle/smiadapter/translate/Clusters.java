package dev.heddle.smiadapter.translate;

import com.google.protobuf.Duration;
import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Packing;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.Service;
import dev.heddle.smiadapter.state.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Makes clusters. */
final class Clusters {

  /** A lost SYN is sent again after 1 s: time for that, and no more than a client bears. */
  private static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(3).build();

  /** One percent: terminating endpoints are used when, and only when, there are no others. */
  private static final Percent PANIC = Percent.newBuilder().setValue(1).build();

  private static final String HTTP_PROTOCOL_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  /** Configuration that comes over the stream this configuration comes over. */
  static final ConfigSource ADS =
      ConfigSource.newBuilder()
          .setAds(AggregatedConfigSource.getDefaultInstance())
          .setResourceApiVersion(ApiVersion.V3)
          .build();

  private Clusters() {}

  /** The endpoints of a port of a service, reached by TLS where they have an identity. */
  static Resource ofService(
      Service service, ServicePort port, List<ResolvedEndpoint> endpoints, String trustDomain) {
    String name = ResourceNames.service(service.name(), port.number());
    Cluster.Builder cluster =
        cluster(name)
            .setType(Cluster.DiscoveryType.EDS)
            .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ADS))
            .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
            .setCommonLbConfig(Cluster.CommonLbConfig.newBuilder().setHealthyPanicThreshold(PANIC))
            .setMetadata(MeshMetadata.ofCluster(service.name(), port.number()));
    addTransportSockets(cluster, endpoints, trustDomain);
    return Resource.of(ResourceType.CLUSTER, name, cluster.build());
  }

  /** One endpoint that the sender has chosen itself. */
  static Resource ofAddress(
      Service service, ServicePort port, ResolvedEndpoint endpoint, String trustDomain) {
    String name = ResourceNames.address(endpoint.address(), endpoint.port());
    Cluster.Builder cluster =
        cluster(name)
            .setType(Cluster.DiscoveryType.STATIC)
            .setLoadAssignment(
                ClusterLoadAssignment.newBuilder()
                    .setClusterName(name)
                    .addEndpoints(
                        LocalityLbEndpoints.newBuilder()
                            .addLbEndpoints(LoadAssignments.chosen(endpoint, trustDomain))))
            .setMetadata(MeshMetadata.ofCluster(service.name(), port.number()));
    addTransportSockets(cluster, List.of(endpoint), trustDomain);
    return Resource.of(ResourceType.CLUSTER, name, cluster.build());
  }

  /** The app in the proxy's own pod, at the address the connection was meant for. */
  static Resource originalDestination() {
    return Resource.of(
        ResourceType.CLUSTER,
        ResourceNames.ORIGINAL_DESTINATION,
        cluster(ResourceNames.ORIGINAL_DESTINATION)
            .setType(Cluster.DiscoveryType.ORIGINAL_DST)
            .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
            .build());
  }

  /** Nobody: a connection sent there is closed. */
  static Resource noBackend() {
    return Resource.of(
        ResourceType.CLUSTER,
        ResourceNames.NO_BACKEND,
        cluster(ResourceNames.NO_BACKEND)
            .setType(Cluster.DiscoveryType.STATIC)
            .setLoadAssignment(
                ClusterLoadAssignment.newBuilder().setClusterName(ResourceNames.NO_BACKEND))
            .build());
  }

  private static Cluster.Builder cluster(String name) {
    var httpOptions =
        io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.newBuilder()
            .setUseDownstreamProtocolConfig(
                UseDownstreamHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
            .build();
    return Cluster.newBuilder()
        .setName(name)
        .setConnectTimeout(CONNECT_TIMEOUT)
        .putTypedExtensionProtocolOptions(HTTP_PROTOCOL_OPTIONS, Packing.pack(httpOptions));
  }

  private static void addTransportSockets(
      Cluster.Builder cluster, Collection<ResolvedEndpoint> endpoints, String trustDomain) {
    endpoints.stream()
        .map(ResolvedEndpoint::meshed)
        .flatMap(Optional::stream)
        .map(workload -> Identities.of(workload, trustDomain))
        .distinct()
        .sorted(Comparator.comparing(SpiffeId::toString))
        .forEach(identity ->
            cluster.addTransportSocketMatches(
                Cluster.TransportSocketMatch.newBuilder()
                    .setName(identity.toString())
                    .setMatch(MeshMetadata.matching(identity))
                    .setTransportSocket(TransportSockets.toWorkload(identity))));
  }
}
