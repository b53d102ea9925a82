package dev.heddle.dataplane.upstream;

import dev.heddle.dataplane.connection.HttpProtocol;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Opens connections to endpoints. */
public interface UpstreamConnector {

  /**
   * Connects on the given event loop, TLS handshake done when the future succeeds, bounded by the
   * cluster's connect timeout. The pipeline then holds TLS (if any) and nothing else; auto-read is
   * off; half-closure is on for bytes and off for HTTP. Fails with {@link
   * UpstreamConnectException}, which says what failed (refused, timeout, TLS, identity).
   *
   * @param protocol the HTTP protocol to offer by ALPN; null for bytes
   */
  Future<Channel> connect(
      EventLoop eventLoop, PickedEndpoint endpoint, @Nullable HttpProtocol protocol);
}
