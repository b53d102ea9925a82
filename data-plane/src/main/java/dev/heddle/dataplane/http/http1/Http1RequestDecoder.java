package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder behind the {@link HeadGuard}. Header characters are checked later, once for all
 * protocols, and therefore not here.
 */
final class Http1RequestDecoder extends HttpRequestDecoder {
  private boolean inHead = true;
  private boolean requestLineSeen;
  private boolean broken;

  Http1RequestDecoder(HttpLimits limits) {
    super(config(limits));
  }

  static HttpDecoderConfig config(HttpLimits limits) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(limits.maxRequestLineBytes())
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setMaxChunkSize(Integer.MAX_VALUE)
        .setStrictLineParsing(true)
        .setHeadersFactory(UncheckedHeaders.FACTORY)
        .setTrailersFactory(UncheckedHeaders.FACTORY);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (inHead) {
      try {
        HeadGuard.check(in, !requestLineSeen);
      } catch (MalformedMessageException e) {
        broken = true;
        in.skipBytes(in.readableBytes());
        out.add(e);
        return;
      }
    }
    int before = out.size();
    super.decode(context, in, out);
    for (int i = before; i < out.size(); i++) {
      Object message = out.get(i);
      if (message instanceof HttpMessage) {
        inHead = false;
        requestLineSeen = false;
      }
      if (message instanceof LastHttpContent) {
        inHead = true;
      }
    }
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) throws Exception {
    requestLineSeen = true;
    return super.createMessage(initialLine);
  }

  /** Whether a head has begun to come in and is not complete. */
  boolean headBegun() {
    return inHead && (requestLineSeen || actualReadableBytes() > 0);
  }

  /** Whether there are bytes that no message has been made of yet. */
  boolean holdsBytes() {
    return headBegun() || !inHead;
  }
}
