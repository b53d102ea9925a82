package dev.heddle.dataplane.discovery;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Finds the listener that stands for an original destination: from what is known, else by
 * subscribing to it on demand. Callable on any thread.
 */
public interface DestinationDiscovery {

  /**
   * Calls {@code done} exactly once, at once on the calling thread when the answer is known, else
   * later on another thread, bounded by the discovery timeout. While a {@link Discovered.Found}
   * lease is open the subscription stays; after the last one closes it is kept for the idle time
   * and then dropped.
   */
  void discover(InetSocketAddress destination, Consumer<Discovered> done);
}
