package dev.heddle.smiadapter.translate;

import com.google.protobuf.BoolValue;
import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceType;
import dev.heddle.smiadapter.state.Protocol;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;

/** Makes listeners for what the app of a pod sends. */
final class OutboundListeners {

  private OutboundListeners() {}

  /**
   * A listener for one address, which no socket is opened for: the proxy's redirect listener hands
   * it the connections that were meant for that address.
   *
   * @param address the address connections were meant for
   * @param port the port they were meant for
   * @param protocol which of the two filters, or whether the first bytes decide
   * @param http what handles HTTP
   * @param tcp what handles everything else
   */
  static Resource of(String address, int port, Protocol protocol, Filter http, Filter tcp) {
    String name = ResourceNames.outboundListener(address, port);
    Listener.Builder listener =
        Listener.newBuilder()
            .setName(name)
            .setAddress(LoadAssignments.socket(address, port))
            .setBindToPort(BoolValue.of(false))
            .setTrafficDirection(TrafficDirection.OUTBOUND);
    switch (protocol) {
      case HTTP -> listener.addFilterChains(chain("http", http));
      case TCP -> listener.addFilterChains(chain("tcp", tcp));
      case UNKNOWN -> {
        ListenerFilters.add(listener, ListenerFilters.HTTP_INSPECTOR);
        listener
            .addFilterChains(
                chain("http", http)
                    .setFilterChainMatch(
                        FilterChainMatch.newBuilder()
                            .addAllApplicationProtocols(ListenerFilters.PLAINTEXT_HTTP)))
            .setDefaultFilterChain(chain("tcp", tcp));
      }
    }
    return Resource.of(ResourceType.LISTENER, name, listener.build());
  }

  private static FilterChain.Builder chain(String name, Filter filter) {
    return FilterChain.newBuilder().setName(name).addFilters(filter);
  }
}
