package dev.heddle.dataplane.listener;

/** Counts handshakes under way on one event loop. */
final class HandshakeLimit {
  private final int limit;
  private int underWay;

  HandshakeLimit(int limit) {
    this.limit = limit;
  }

  boolean tryBegin() {
    if (underWay >= limit) {
      return false;
    }
    underWay++;
    return true;
  }

  void ended() {
    underWay--;
  }
}
