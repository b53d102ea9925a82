package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.http.exchange.UpstreamConsumer;

/** The connections to one endpoint in one protocol. */
sealed interface EndpointPool permits Http1Pool, Http2Pool {

  void open(UpstreamConsumer consumer);

  /** Closes what has been idle or alive too long. */
  void sweep(long now);

  /** Closes idle connections now, and busy ones when they are done. */
  void retire();

  /** Whether there is nothing in it. */
  boolean isEmpty();
}
