package dev.heddle.dataplane.http.http2;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2LifecycleManager;
import io.netty.handler.codec.http2.Http2RemoteFlowController.FlowControlled;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a small DATA frame as one buffer with one promise. The codec writes its header of 9 bytes
 * and its payload apart, under three promises and a queue for each frame, which costs more than to
 * copy the messages of a stream of gRPC does. All else is the codec's.
 */
final class SmallDataEncoder extends DecoratingHttp2ConnectionEncoder {
  /**
   * Payloads up to this are copied; in bytes, and less than the least of SETTINGS_MAX_FRAME_SIZE.
   */
  static final int SMALL = 1024;

  private static final Http2Flags MORE = new Http2Flags();
  private static final Http2Flags LAST = new Http2Flags().endOfStream(true);

  private @Nullable Http2LifecycleManager lifecycleManager;

  SmallDataEncoder(Http2ConnectionEncoder delegate) {
    super(delegate);
  }

  @Override
  public void lifecycleManager(Http2LifecycleManager manager) {
    lifecycleManager = manager;
    super.lifecycleManager(manager);
  }

  @Override
  public ChannelFuture writeData(
      ChannelHandlerContext ctx,
      int streamId,
      ByteBuf data,
      int padding,
      boolean endOfStream,
      ChannelPromise promise) {
    Http2Stream stream = connection().stream(streamId);
    int size = data.readableBytes();
    if (stream == null || !takesData(stream) || size == 0 || size > SMALL || padding != 0) {
      return super.writeData(ctx, streamId, data, padding, endOfStream, promise);
    }
    flowController().addFlowControlled(stream, new Frame(stream, data, endOfStream, promise));
    return promise;
  }

  private static boolean takesData(Http2Stream stream) {
    return switch (stream.state()) {
      case OPEN, HALF_CLOSED_REMOTE -> true;
      case IDLE, RESERVED_LOCAL, RESERVED_REMOTE, HALF_CLOSED_LOCAL, CLOSED -> false;
    };
  }

  /** More than one only where the peer's window is too small for it. */
  private final class Frame implements FlowControlled, ChannelFutureListener {
    private final Http2Stream stream;
    private final ByteBuf data;
    private final boolean endOfStream;
    private final ChannelPromise promise;
    private int unwritten;
    private boolean released;

    private Frame(Http2Stream stream, ByteBuf data, boolean endOfStream, ChannelPromise promise) {
      this.stream = stream;
      this.data = data;
      this.endOfStream = endOfStream;
      this.promise = promise;
      this.unwritten = data.readableBytes();
    }

    @Override
    public int size() {
      return unwritten;
    }

    @Override
    public void write(ChannelHandlerContext ctx, int allowedBytes) {
      if (released) {
        // It failed: the flow controller gets its bytes back.
        unwritten = 0;
        return;
      }
      int size = Math.min(unwritten, allowedBytes);
      if (size == 0) {
        return;
      }
      boolean whole = size == unwritten;
      ByteBuf frame = ctx.alloc().buffer(Http2CodecUtil.FRAME_HEADER_LENGTH + size);
      Http2Flags flags = whole && endOfStream ? LAST : MORE;
      Http2CodecUtil.writeFrameHeader(frame, size, Http2FrameTypes.DATA, flags, stream.id());
      frame.writeBytes(data, size);
      unwritten -= size;
      if (whole) {
        release();
      }
      ctx.write(frame, whole ? promise : ctx.newPromise()).addListener(this);
    }

    @Override
    public void writeComplete() {
      if (endOfStream) {
        manager().closeStreamLocal(stream, promise);
      }
    }

    @Override
    public void operationComplete(ChannelFuture written) {
      Throwable cause = written.cause();
      if (cause != null) {
        error(flowController().channelHandlerContext(), cause);
      }
    }

    @Override
    public void error(ChannelHandlerContext ctx, Throwable cause) {
      release();
      promise.tryFailure(cause);
      manager().onError(ctx, true, cause);
    }

    @Override
    public boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
      return false;
    }

    private void release() {
      if (!released) {
        released = true;
        data.release();
      }
    }
  }

  private Http2LifecycleManager manager() {
    return requireNonNull(lifecycleManager, "the connection's handler sets it");
  }
}
