package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.config.Cluster;
import dev.heddle.dataplane.config.Endpoint;
import dev.heddle.dataplane.config.UpstreamTls;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what TLS is spoken to an endpoint.
 *
 * @param ownPod whether an address is this pod's own: its app is spoken to in plaintext
 */
public record EndpointTls(Predicate<InetAddress> ownPod) {

  /** Null for plaintext. */
  public @Nullable UpstreamTls of(Cluster cluster, Endpoint endpoint) {
    if (ownPod.test(endpoint.address().getAddress())) {
      return null;
    }
    List<Cluster.TransportSocket> sockets = cluster.transportSockets();
    for (int i = 0; i < sockets.size(); i++) {
      Cluster.TransportSocket socket = sockets.get(i);
      if (endpoint.transportSocketMatch().entrySet().containsAll(socket.match().entrySet())) {
        return socket.tls();
      }
    }
    return cluster.defaultTls();
  }
}
