package dev.heddle.dataplane.http.http2;

import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/**
 * Connections whose streams share equally what may be written. Priorities are deprecated (RFC 9113,
 * 5.3.2), and the tree that Netty keeps for them by default costs time with every frame and lets a
 * peer shape it.
 */
final class EqualStreams {
  private EqualStreams() {}

  static Http2Connection connection(boolean server) {
    Http2Connection connection = new DefaultHttp2Connection(server);
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    return connection;
  }
}
