package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Audience;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.MeshSettings;
import dev.heddle.smiadapter.state.Probe;
import dev.heddle.smiadapter.state.Workload;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import java.util.stream.Stream;

/** Makes the listener for what is sent to a workload. */
final class InboundListeners {

  /** Where the pod's redirect sends everything that arrives. */
  private static final int PORT = 15006;

  private static final List<String> HTTP_OVER_TLS = List.of("h2", "http/1.1");

  private InboundListeners() {}

  /**
   * Four chains: HTTP and bytes from the mesh, which come over its TLS, and HTTP and bytes from
   * elsewhere. TLS of the app's own is bytes from elsewhere.
   */
  static Resource of(Workload workload, MeshSettings settings) {
    String name = ResourceNames.inboundListener(workload.name());
    Listener.Builder listener =
        Listener.newBuilder()
            .setName(name)
            .setAddress(anyAddress(workload.family()))
            .setTrafficDirection(TrafficDirection.INBOUND)
            .addFilterChains(
                FilterChain.newBuilder()
                    .setName("mesh-http")
                    .setFilterChainMatch(mesh().addAllApplicationProtocols(HTTP_OVER_TLS))
                    .setTransportSocket(TransportSockets.fromWorkloads(HTTP_OVER_TLS))
                    .addFilters(http(settings, List.of())))
            .addFilterChains(
                FilterChain.newBuilder()
                    .setName("mesh-tcp")
                    .setFilterChainMatch(mesh())
                    .setTransportSocket(TransportSockets.fromWorkloads(List.of()))
                    .addAllFilters(tcp(settings)))
            .addFilterChains(
                FilterChain.newBuilder()
                    .setName("plaintext-http")
                    .setFilterChainMatch(
                        FilterChainMatch.newBuilder()
                            .setTransportProtocol("raw_buffer")
                            .addAllApplicationProtocols(ListenerFilters.PLAINTEXT_HTTP))
                    .addFilters(http(settings, workload.probes())))
            .setDefaultFilterChain(
                FilterChain.newBuilder().setName("plaintext-tcp").addAllFilters(tcp(settings)));
    ListenerFilters.add(
        listener,
        ListenerFilters.ORIGINAL_DESTINATION,
        ListenerFilters.TLS_INSPECTOR,
        ListenerFilters.HTTP_INSPECTOR);
    Audience itself =
        new Audience.OneWorkload(
            Identities.of(workload, settings.trustDomain()), workload.name().toString());
    return Resource.of(ResourceType.LISTENER, name, listener.build(), itself);
  }

  private static FilterChainMatch.Builder mesh() {
    return FilterChainMatch.newBuilder()
        .setTransportProtocol("tls")
        .addServerNames(TransportSockets.SERVER_NAME);
  }

  private static Filter http(MeshSettings settings, List<Probe> probes) {
    return NetworkFilters.http(
        "inbound",
        Routes.toOnlyEndpoint(
            ResourceNames.ORIGINAL_DESTINATION, ResourceNames.ORIGINAL_DESTINATION),
        AccessRules.http(settings.accessControl(), probes));
  }

  private static List<Filter> tcp(MeshSettings settings) {
    return Stream.concat(
            AccessRules.network(settings.accessControl(), "inbound").stream(),
            Stream.of(NetworkFilters.tcp("inbound", ResourceNames.ORIGINAL_DESTINATION)))
        .toList();
  }

  private static Address anyAddress(AddressFamily family) {
    SocketAddress.Builder any = SocketAddress.newBuilder().setPortValue(PORT);
    switch (family) {
      case IPV4 -> any.setAddress("0.0.0.0");
      case IPV6 -> any.setAddress("::").setIpv4Compat(true);
    }
    return Address.newBuilder().setSocketAddress(any).build();
  }
}
