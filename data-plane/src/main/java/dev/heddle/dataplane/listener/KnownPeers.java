package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.bounded.RecentlyUsed;
import java.net.InetAddress;
import java.util.Map;

/**
 * How the addresses that connect have spoken before, so that a server that speaks first is held
 * back only for those who may yet begin TLS: a peer's proxy does so at once, but what is at once on
 * a busy machine takes its time. Addresses are given to other pods one day, so what is known is a
 * guess that shortens a wait, never a reason to trust. Safe on any thread; of too many addresses,
 * those not seen for longest are forgotten.
 */
final class KnownPeers {

  /** What to expect of an address. */
  enum Manner {
    UNKNOWN,
    MESH,
    PLAINTEXT
  }

  private final Map<InetAddress, Manner> manners;

  /**
   * Knows nobody yet.
   *
   * @param capacity addresses that are remembered
   */
  KnownPeers(int capacity) {
    this.manners = new RecentlyUsed<>(capacity);
  }

  synchronized Manner of(InetAddress address) {
    return manners.getOrDefault(address, Manner.UNKNOWN);
  }

  synchronized void saw(InetAddress address, Manner manner) {
    manners.put(address, manner);
  }
}
