package dev.heddle.dataplane.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The sockets of this proxy, so that it does not connect to itself in circles. */
final class OwnAddresses {
  private final Predicate<InetAddress> ownPod;
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

  OwnAddresses(Predicate<InetAddress> ownPod) {
    this.ownPod = ownPod;
  }

  void bound(int port) {
    ports.add(port);
  }

  void unbound(int port) {
    ports.remove(port);
  }

  /**
   * Whether a destination is a socket of this proxy.
   *
   * @param local the address at which the connection was accepted
   */
  boolean contains(InetSocketAddress destination, InetAddress local) {
    InetAddress address = destination.getAddress();
    return ports.contains(destination.getPort())
        && (address.isLoopbackAddress()
            || address.isAnyLocalAddress()
            || address.equals(local)
            || ownPod.test(address));
  }
}
