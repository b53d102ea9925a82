package dev.heddle.dataplane.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One side of a relay: reads here, writes there. It reads only while the other side can be written
 * to, so that a slow reader slows the sender and buffers stay within the write buffer's high water
 * mark plus one read.
 */
final class RelaySide extends ChannelInboundHandlerAdapter {
  private final Relay relay;
  private final Channel channel;
  private final boolean tls;

  /** Hears of every write to TLS. A peer of TLS 1.2 that ends first takes nothing after that. */
  private final ChannelFutureListener written =
      write -> {
        if (!write.isSuccess()) {
          failed(write.cause());
        }
      };

  /** What came before the other side was there: at most what detection kept, and one read. */
  private final Queue<Object> pending = new ArrayDeque<>();

  private @Nullable RelaySide other;
  private long bytes;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputDone;
  private boolean closed;

  RelaySide(Relay relay, Channel channel) {
    this.relay = relay;
    this.channel = channel;
    this.tls = channel.pipeline().get(SslHandler.class) != null;
  }

  void pair(RelaySide otherSide) {
    other = otherSide;
  }

  @Nullable RelaySide other() {
    return other;
  }

  Channel channel() {
    return channel;
  }

  /** Bytes read from this side. */
  long bytes() {
    return bytes;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  boolean outputDone() {
    return outputDone;
  }

  /** Passes on what has been waiting, and reads. */
  void resume() {
    RelaySide to = other;
    if (to == null) {
      return;
    }
    Object message;
    while ((message = pending.poll()) != null) {
      forward(to, message);
    }
    to.channel.flush();
    if (inputEnded) {
      relay.ended(this);
    }
    if (closed) {
      relay.closed(this);
    } else {
      readMore();
    }
  }

  void releasePending() {
    Object message;
    while ((message = pending.poll()) != null) {
      ReferenceCountUtil.release(message);
    }
  }

  /** Ends what is sent to this side, after all that was written before. */
  void endOutput() {
    if (outputEnding) {
      return;
    }
    outputEnding = true;
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler != null) {
      // Its closeOutbound() closes the engine before it encrypts what has not been flushed; and a
      // close_notify that comes with the last bytes is told of before they are.
      channel.flush();
      handler.closeOutbound().addListener(done -> outputEnded());
      return;
    }
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> {
          if (written.isSuccess() && channel.isActive()) {
            ((DuplexChannel) channel).shutdownOutput().addListener(done -> outputEnded());
          } else {
            outputEnded();
          }
        });
  }

  void closeAfterFlush() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    RelaySide to = other;
    if (to == null) {
      pending.add(message);
    } else {
      forward(to, message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    RelaySide to = other;
    if (to != null) {
      to.channel.flush();
      readMore();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    RelaySide from = other;
    if (from != null && channel.isWritable()) {
      from.readMore();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    switch (event) {
      case SslCloseCompletionEvent close when close.isSuccess() -> end();
      case SslCloseCompletionEvent close -> {
        if (!inputEnded) {
          relay.broken(this, close.cause());
        }
      }
      case ChannelInputShutdownEvent ignored when tls -> {
        if (!inputEnded) {
          relay.broken(this, new SSLException("TCP ended without a close_notify of TLS"));
        }
      }
      case ChannelInputShutdownEvent ignored -> end();
      default -> {}
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closed = true;
    relay.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed(cause);
  }

  private void end() {
    if (!inputEnded) {
      inputEnded = true;
      relay.ended(this);
    }
  }

  private void outputEnded() {
    outputDone = true;
    relay.outputEnded(this);
  }

  private void forward(RelaySide to, Object message) {
    bytes += ((ByteBuf) message).readableBytes();
    relay.active();
    if (to.tls) {
      // SslHandler forgets a void promise: what it cannot encrypt would be lost without a word.
      to.channel.write(message).addListener(to.written);
    } else {
      // A failure to write reaches the pipeline of that side.
      to.channel.write(message, to.channel.voidPromise());
    }
  }

  private void failed(Throwable cause) {
    if (cause instanceof ClosedChannelException) {
      return; // A write met a channel that channelInactive tells of.
    }
    relay.broken(this, cause);
  }

  private void readMore() {
    RelaySide to = other;
    if (to != null && !inputEnded && to.channel.isWritable()) {
      channel.read();
    }
  }
}
