package dev.heddle.dataplane.http.http2;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
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
 * Writes small DATA frames behind each other into one buffer, see {@link FrameGathering}. The codec
 * writes the header of 9 bytes and the payload of each apart, under three promises and a queue for
 * each frame, which costs more than to copy the messages of a stream of gRPC does. All else is the
 * codec's.
 */
final class SmallDataEncoder extends DecoratingHttp2ConnectionEncoder {
  /**
   * Payloads up to this are copied; in bytes, and less than the least of SETTINGS_MAX_FRAME_SIZE.
   */
  static final int SMALL = FrameGathering.SMALL;

  private static final Http2Flags MORE = new Http2Flags();
  private static final Http2Flags LAST = new Http2Flags().endOfStream(true);

  private final FrameGathering gathering;
  private @Nullable Http2LifecycleManager lifecycleManager;

  /**
   * @param gathering stands before the connection's codec
   */
  SmallDataEncoder(Http2ConnectionEncoder delegate, FrameGathering gathering) {
    super(delegate);
    this.gathering = gathering;
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
    if (stream == null || padding != 0 || !small(stream, data)) {
      return super.writeData(ctx, streamId, data, padding, endOfStream, promise);
    }
    flowController().addFlowControlled(stream, new Frame(stream, data, endOfStream, promise));
    return promise;
  }

  /** Data that more follows, so that nobody asks when it is written. */
  void writeMore(ChannelHandlerContext ctx, Http2Stream stream, ByteBuf data) {
    if (small(stream, data)) {
      flowController().addFlowControlled(stream, new Frame(stream, data, false, null));
    } else {
      super.writeData(ctx, stream.id(), data, 0, false, ctx.newPromise());
    }
  }

  private static boolean small(Http2Stream stream, ByteBuf data) {
    int size = data.readableBytes();
    return size > 0 && size <= SMALL && takesData(stream);
  }

  private static boolean takesData(Http2Stream stream) {
    return switch (stream.state()) {
      case OPEN, HALF_CLOSED_REMOTE -> true;
      case IDLE, RESERVED_LOCAL, RESERVED_REMOTE, HALF_CLOSED_LOCAL, CLOSED -> false;
    };
  }

  /** More than one only where the peer's window is too small for it. */
  private final class Frame implements FlowControlled {
    private final Http2Stream stream;
    private final ByteBuf data;
    private final boolean endOfStream;
    private final @Nullable ChannelPromise promise;
    private int unwritten;
    private boolean released;

    private Frame(
        Http2Stream stream, ByteBuf data, boolean endOfStream, @Nullable ChannelPromise promise) {
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
      Http2Flags flags = whole && endOfStream ? LAST : MORE;
      ByteBuf frames = gathering.append(Http2CodecUtil.FRAME_HEADER_LENGTH + size);
      Http2CodecUtil.writeFrameHeader(frames, size, Http2FrameTypes.DATA, flags, stream.id());
      frames.writeBytes(data, size);
      unwritten -= size;
      if (whole) {
        release();
        if (promise != null) {
          gathering.tell(promise);
        }
      }
    }

    @Override
    public void writeComplete() {
      if (endOfStream && promise != null) {
        manager().closeStreamLocal(stream, promise);
      }
    }

    @Override
    public void error(ChannelHandlerContext ctx, Throwable cause) {
      release();
      if (promise != null) {
        promise.tryFailure(cause);
      }
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
