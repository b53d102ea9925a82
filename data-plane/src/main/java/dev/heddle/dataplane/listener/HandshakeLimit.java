package dev.heddle.dataplane.listener;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * Bounds the handshakes under way on one event loop. Where there are too many the oldest makes
 * room: an honest one is over in milliseconds, one that is stalled on purpose is not.
 */
final class HandshakeLimit {
  private final int limit;
  private final SequencedSet<Handshake> underWay = new LinkedHashSet<>();

  /** A handshake under way; compared by identity. */
  @FunctionalInterface
  interface Handshake {
    /** Closes the connection, to make room for another. */
    void giveUp();
  }

  HandshakeLimit(int limit) {
    this.limit = limit;
  }

  void begin(Handshake handshake) {
    underWay.add(handshake);
    if (underWay.size() > limit) {
      underWay.removeFirst().giveUp();
    }
  }

  void ended(Handshake handshake) {
    underWay.remove(handshake);
  }
}
