package dev.heddle.dataplane.http.exchange;

/** Gives streams to endpoints: from a pooled connection or a new one. One per event loop. */
@FunctionalInterface
public interface UpstreamSource {

  /**
   * Calls {@link UpstreamConsumer#onStream} or {@link UpstreamConsumer#onFailure}, at once or
   * later.
   */
  void open(UpstreamConsumer consumer);
}
