package dev.heddle.dataplane.listener;

import dev.heddle.dataplane.detection.Detection;
import dev.heddle.dataplane.detection.ProtocolDetector;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Predicate;

/**
 * Looks at the first bytes of a client that was taken for one that speaks no TLS, because the
 * server spoke before it. If it was a peer's proxy after all, its ClientHello comes too late: the
 * server's words are on their way to it in plaintext. It must not reach the application.
 */
final class LateHello extends ChannelInboundHandlerAdapter {
  private final Predicate<Detection.Tls> ofThisListener;
  private final Runnable late;

  /**
   * @param ofThisListener whether this listener would have served the hello
   * @param late ends the connection
   */
  LateHello(Predicate<Detection.Tls> ofThisListener, Runnable late) {
    this.ofThisListener = ofThisListener;
    this.late = late;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (new ProtocolDetector(true, false).detect(bytes) instanceof Detection.Tls hello
        && ofThisListener.test(hello)) {
      bytes.release();
      late.run();
      return;
    }
    context.fireChannelRead(bytes);
    context.pipeline().remove(this);
  }
}
