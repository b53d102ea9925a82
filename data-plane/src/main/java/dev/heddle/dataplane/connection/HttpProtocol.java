package dev.heddle.dataplane.connection;

/** The HTTP protocol that a connection speaks. */
public enum HttpProtocol {
  HTTP1,
  HTTP2
}
