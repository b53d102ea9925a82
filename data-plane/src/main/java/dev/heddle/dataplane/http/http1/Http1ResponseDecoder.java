package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.HttpLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.List;

/**
 * Knows whether the request was HEAD, and reads nothing that no request asked for: what follows an
 * answer would become the beginning of somebody else's.
 */
final class Http1ResponseDecoder extends HttpResponseDecoder {
  private boolean head;
  private boolean awaited;
  private boolean surplus;

  Http1ResponseDecoder(HttpLimits limits) {
    super(Http1RequestDecoder.config(limits));
  }

  void answersHead(boolean answersHead) {
    head = answersHead;
  }

  /** A request is sent. */
  void answerAwaited() {
    awaited = true;
  }

  /** The answer is complete. */
  void answerEnded() {
    awaited = false;
  }

  /** Whether there came bytes that no request asked for. */
  boolean surplus() {
    return surplus || actualReadableBytes() > 0;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (awaited) {
      super.decode(context, in, out);
    } else {
      surplus = true;
      in.skipBytes(in.readableBytes());
    }
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (head
        && message instanceof HttpResponse response
        && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      return true;
    }
    return super.isContentAlwaysEmpty(message);
  }
}
