package dev.heddle.dataplane.http.pool;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.upstream.UpstreamConnectException;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What is wrong with a connection that was just opened. */
final class NewConnection {
  private NewConnection() {}

  /**
   * Checks that it is open and speaks what it was opened for (ALPN, RFC 7301); closes it if not.
   *
   * @return null if it can be used
   */
  static @Nullable UpstreamConnectException problem(
      Future<Channel> connected, HttpProtocol protocol) {
    if (!connected.isSuccess()) {
      Throwable cause = connected.cause();
      return cause instanceof UpstreamConnectException known
          ? known
          : failure(String.valueOf(cause), cause);
    }
    Channel channel = connected.getNow();
    if (!channel.isActive()) {
      return failure("the server closed the connection at once", null);
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    String negotiated = tls == null ? null : tls.applicationProtocol();
    String expected =
        switch (protocol) {
          case HTTP1 -> "http/1.1";
          case HTTP2 -> "h2";
        };
    if (negotiated != null && !negotiated.equals(expected)) {
      channel.close();
      return failure("protocol: " + negotiated + " (expected: " + expected + ")", null);
    }
    return null;
  }

  private static UpstreamConnectException failure(String message, @Nullable Throwable cause) {
    return new UpstreamConnectException(UpstreamConnectException.Reason.OTHER, message, cause);
  }
}
