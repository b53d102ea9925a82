package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Audience;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.AccessControl;
import dev.heddle.smiadapter.state.AddressFamily;
import dev.heddle.smiadapter.state.MeshState;
import dev.heddle.smiadapter.state.Probe;
import dev.heddle.smiadapter.state.Workload;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;

/** Makes the listener for what is sent to a workload. */
final class InboundListeners {

  /** Where the pod's redirect sends everything that arrives. */
  private static final int PORT = 15006;

  private static final List<String> HTTP_OVER_TLS = List.of("h2", "http/1.1");

  private final AccessControl accessControl;
  private final List<AccessGrant> grants;

  private InboundListeners(AccessControl accessControl, List<AccessGrant> grants) {
    this.accessControl = accessControl;
    this.grants = grants;
  }

  /**
   * Four chains: HTTP and bytes from the mesh, which come over its TLS, and HTTP and bytes from
   * elsewhere. TLS of the app's own is bytes from elsewhere.
   */
  static Resource of(Workload workload, MeshState state) {
    AccessControl accessControl = state.settings().accessControl();
    List<AccessGrant> grants =
        switch (accessControl) {
          case PERMISSIVE -> List.of();
          case ENFORCED -> AccessGrant.to(workload, state);
        };
    String name = ResourceNames.inboundListener(workload.name());
    Audience itself =
        new Audience.OneWorkload(
            Identities.of(workload, state.settings().trustDomain()), workload.name().toString());
    Listener listener = new InboundListeners(accessControl, grants).listener(name, workload);
    return Resource.of(ResourceType.LISTENER, name, listener, itself);
  }

  private Listener listener(String name, Workload workload) {
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
                    .addFilters(http(grants, List.of())))
            .addFilterChains(
                FilterChain.newBuilder()
                    .setName("mesh-tcp")
                    .setFilterChainMatch(mesh())
                    .setTransportSocket(TransportSockets.fromWorkloads(List.of()))
                    .addAllFilters(tcp(grants)))
            .addFilterChains(
                FilterChain.newBuilder()
                    .setName("plaintext-http")
                    .setFilterChainMatch(
                        FilterChainMatch.newBuilder()
                            .setTransportProtocol("raw_buffer")
                            .addAllApplicationProtocols(ListenerFilters.PLAINTEXT_HTTP))
                    .addFilters(http(List.of(), workload.probes())))
            .setDefaultFilterChain(
                FilterChain.newBuilder().setName("plaintext-tcp").addAllFilters(tcp(List.of())));
    ListenerFilters.add(
        listener,
        ListenerFilters.ORIGINAL_DESTINATION,
        ListenerFilters.TLS_INSPECTOR,
        ListenerFilters.HTTP_INSPECTOR);
    return listener.build();
  }

  private static FilterChainMatch.Builder mesh() {
    return FilterChainMatch.newBuilder()
        .setTransportProtocol("tls")
        .addServerNames(TransportSockets.SERVER_NAME);
  }

  private Filter http(List<AccessGrant> granted, List<Probe> probes) {
    List<HttpFilter> access =
        switch (accessControl) {
          case PERMISSIVE -> List.of();
          case ENFORCED -> List.of(AccessRules.http(granted, probes));
        };
    return NetworkFilters.http(
        "inbound",
        Routes.toOnlyEndpoint(
            ResourceNames.ORIGINAL_DESTINATION, ResourceNames.ORIGINAL_DESTINATION),
        access);
  }

  private List<Filter> tcp(List<AccessGrant> granted) {
    Filter bytes = NetworkFilters.tcp("inbound", ResourceNames.ORIGINAL_DESTINATION);
    return switch (accessControl) {
      case PERMISSIVE -> List.of(bytes);
      case ENFORCED -> List.of(AccessRules.network(granted, "inbound"), bytes);
    };
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
