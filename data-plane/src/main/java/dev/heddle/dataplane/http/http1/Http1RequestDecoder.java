package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder behind the {@link HeadGuard}. Header characters are checked later, once for all
 * protocols, and therefore not here.
 *
 * <p>What follows a request for an upgrade may be of another protocol. Its bytes stay here until
 * the request is answered: then {@link #resume} reads them as HTTP, or they go to the tunnel as
 * they are, when this decoder leaves the pipeline.
 */
final class Http1RequestDecoder extends HttpRequestDecoder {
  private boolean inHead = true;
  private boolean requestLineSeen;
  private boolean broken;
  private boolean upgradeAsked;
  private boolean paused;
  private boolean reading;

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
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    reading = true;
    try {
      super.channelRead(context, message);
    } finally {
      reading = false;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    // It stays so: the connection is gone, and what resumes then has nothing to go on with.
    reading = true;
    super.channelInactive(context);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (paused) {
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
      if (message instanceof HttpMessage head) {
        inHead = false;
        requestLineSeen = false;
        upgradeAsked = head.headers().contains(HeaderNames.UPGRADE);
      }
      if (message instanceof LastHttpContent) {
        inHead = true;
        paused = upgradeAsked;
      }
    }
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) throws Exception {
    requestLineSeen = true;
    return super.createMessage(initialLine);
  }

  /** Goes on behind a request whose upgrade was not granted, with the bytes that are here. */
  void resume(ChannelPipeline pipeline) {
    if (!paused) {
      return;
    }
    paused = false;
    if (reading) {
      // The loop that has just passed on the request goes on by itself.
      return;
    }
    ChannelHandlerContext context = pipeline.context(this);
    try {
      channelRead(context, Unpooled.EMPTY_BUFFER);
    } catch (Exception e) {
      // As the pipeline does where it calls channelRead.
      context.fireExceptionCaught(e);
    }
  }

  /** Whether no more bytes can be taken for now. */
  boolean holdsBack() {
    return paused && actualReadableBytes() > 0;
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
