package dev.heddle.dataplane.lifecycle;

/**
 * User event fired through the pipeline of every downstream connection when the proxy drains, and
 * of every one that is accepted afterwards. A handler finishes what it has and takes no more:
 * GOAWAY for HTTP/2, {@code connection: close} for HTTP/1; bytes flow on until the drain timeout.
 */
public enum DrainNotice {
  INSTANCE
}
