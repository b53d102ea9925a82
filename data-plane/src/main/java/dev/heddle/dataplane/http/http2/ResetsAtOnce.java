package dev.heddle.dataplane.http.http2;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * A connection whose streams are over once they are reset. The codec keeps such a stream until the
 * reset is flushed, and that flush sends the DATA that still waits on the stream after its
 * RST_STREAM, which may end the whole connection (RFC 9113, 5.1 and 6.4).
 */
abstract sealed class ResetsAtOnce extends Http2ConnectionHandler
    permits Http2ClientConnection, Http2ServerConnection {
  ResetsAtOnce(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    super(decoder, encoder, settings);
  }

  @Override
  public ChannelFuture resetStream(
      ChannelHandlerContext ctx, int id, long errorCode, ChannelPromise promise) {
    Http2Stream stream = connection().stream(id);
    ChannelFuture reset = super.resetStream(ctx, id, errorCode, promise);
    if (stream != null) {
      stream.close();
    }
    return reset;
  }
}
