package dev.heddle.dataplane.connection;

import dev.heddle.dataplane.config.Cluster;

/** The HTTP protocol that a connection speaks. */
public enum HttpProtocol {
  HTTP1,
  HTTP2;

  /**
   * What is spoken to a cluster.
   *
   * @param downstream what the request came in
   */
  public static HttpProtocol upstream(Cluster.UpstreamProtocol cluster, HttpProtocol downstream) {
    return switch (cluster) {
      case HTTP1 -> HTTP1;
      case HTTP2 -> HTTP2;
      case SAME_AS_DOWNSTREAM -> downstream;
    };
  }
}
