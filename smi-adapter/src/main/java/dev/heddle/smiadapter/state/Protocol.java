package dev.heddle.smiadapter.state;

/** What the user has said about the bytes on a port. */
public enum Protocol {
  /** Nothing: the proxy looks at the first bytes, and never waits for them. */
  UNKNOWN,
  /** HTTP/1.1 or HTTP/2, gRPC and WebSocket among it. */
  HTTP,
  /** Anything else over TCP, TLS of the app's own among it: bytes go through untouched. */
  TCP
}
