package dev.heddle.dataplane.discovery;

import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.LiveConfiguration;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Finds the listener of a destination among those of the configuration, as Envoy does: by exact
 * address and port, else by any address and the port. For proxies that are given all their
 * listeners.
 */
public final class BoundDiscovery implements DestinationDiscovery {

  private static final Discovered.Lease NO_LEASE = () -> {};

  private final LiveConfiguration configuration;

  public BoundDiscovery(LiveConfiguration configuration) {
    this.configuration = configuration;
  }

  @Override
  public void discover(InetSocketAddress destination, Consumer<Discovered> done) {
    Discovered found = new Discovered.NotInMesh();
    for (Listener listener : configuration.current().listeners().values()) {
      InetSocketAddress address = listener.address();
      if (listener.useOriginalDestination() || address.getPort() != destination.getPort()) {
        continue;
      }
      if (address.getAddress().equals(destination.getAddress())) {
        found = new Discovered.Found(listener, NO_LEASE);
        break;
      }
      if (address.getAddress().isAnyLocalAddress()) {
        found = new Discovered.Found(listener, NO_LEASE);
      }
    }
    done.accept(found);
  }
}
