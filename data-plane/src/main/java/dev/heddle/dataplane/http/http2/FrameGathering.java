package dev.heddle.dataplane.http.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the small frames that are written between two flushes behind each other into one buffer, for
 * the socket or TLS to take at once. Each on its own costs a buffer, a place in the channel's
 * queue, a promise and an entry of {@code writev}, which is more than to copy it.
 *
 * <p>Stands before the connection's codec, on its way to the socket. Order is kept: what is not
 * small goes out behind what was gathered before it.
 */
final class FrameGathering extends ChannelOutboundHandlerAdapter {
  /** Frames, or parts of them, up to this are copied; in bytes. */
  static final int SMALL = 1024;

  /** What is handed over at a time, as TLS has no larger records (RFC 8446, 5.1); in bytes. */
  static final int LARGEST = 16 << 10;

  private static final int LEAST = 64;

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf gathered;
  private List<ChannelPromise> promises = new ArrayList<>();
  private int usual = LEAST;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /**
   * Where to append a frame, at once, and all of it.
   *
   * @param bytes its length, with its header
   * @throws IllegalStateException when the connection is over
   */
  ByteBuf append(int bytes) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("the connection is closed");
    }
    if (gathered != null && gathered.readableBytes() + bytes > LARGEST) {
      handOver(ctx);
    }
    ByteBuf buffer = gathered;
    if (buffer == null) {
      // About as long as the last ones: what waits for a peer that does not read, and asks for a
      // little at a time, then waits in small buffers.
      buffer = ctx.alloc().directBuffer(Math.max(bytes, usual), Math.max(bytes, LARGEST));
      gathered = buffer;
    }
    return buffer;
  }

  /** Tells of the fate of all that was appended so far. */
  void tell(ChannelPromise promise) {
    if (!promise.isVoid()) {
      promises.add(promise);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf frame && frame.readableBytes() <= SMALL) {
      try {
        append(frame.readableBytes()).writeBytes(frame);
      } finally {
        frame.release();
      }
      tell(promise);
    } else {
      handOver(ctx);
      ctx.write(message, promise);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    handOver(ctx);
    ctx.flush();
  }

  private void handOver(ChannelHandlerContext ctx) {
    ByteBuf buffer = gathered;
    if (buffer == null) {
      return;
    }
    gathered = null;
    usual = Math.clamp(Math.max(buffer.readableBytes(), usual / 2), LEAST, LARGEST);
    ctx.write(buffer).addListener(new Written(ctx, takePromises()));
  }

  private List<ChannelPromise> takePromises() {
    if (promises.isEmpty()) {
      return List.of();
    }
    List<ChannelPromise> taken = promises;
    promises = new ArrayList<>();
    return taken;
  }

  /**
   * The fate of all frames of a buffer is the same. A connection that could not write them must not
   * live on without them.
   */
  private record Written(ChannelHandlerContext context, List<ChannelPromise> promises)
      implements ChannelFutureListener {
    @Override
    public void operationComplete(ChannelFuture written) {
      Throwable cause = written.cause();
      for (ChannelPromise promise : promises) {
        if (cause == null) {
          promise.trySuccess();
        } else {
          promise.tryFailure(cause);
        }
      }
      if (cause != null && context.channel().isActive()) {
        context.fireExceptionCaught(cause);
      }
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    context = null;
    if (gathered != null) {
      gathered.release();
      gathered = null;
    }
    List<ChannelPromise> unwritten = takePromises();
    if (!unwritten.isEmpty()) {
      ClosedChannelException closed = new ClosedChannelException();
      unwritten.forEach(promise -> promise.tryFailure(closed));
    }
  }
}
