package dev.heddle.dataplane.http.tunnel;

import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.PipelineFailures;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries bytes between two channels of one event loop until either closes. A side is read only
 * while the other can be written, so that no more than one read per direction is ever held.
 */
public final class Tunnel {
  private final Closed closed;
  private final long idleNanos;
  private final End left = new End();
  private final End right = new End();
  private @Nullable DeadlineTimer timer;
  private long lastBytes = DeadlineTimer.now();
  private boolean over;

  private Tunnel(long idleNanos, Closed closed) {
    this.idleNanos = idleNanos;
    this.closed = closed;
  }

  /** Told once, when both channels are closing. */
  @FunctionalInterface
  public interface Closed {
    /**
     * The tunnel is over.
     *
     * @param sent bytes from left to right
     * @param received bytes from right to left
     * @param idle whether the idle timeout ended it
     */
    void closed(long sent, long received, boolean idle);
  }

  /**
   * Joins two channels of one event loop.
   *
   * @param left gives away the channel of the client, to the handler it is called with
   * @param right gives away the channel of the server
   * @param idle bound on the time without bytes either way; zero for none
   */
  public static void join(
      Function<ChannelHandler, Channel> left,
      Function<ChannelHandler, Channel> right,
      Duration idle,
      Closed closed) {
    Tunnel tunnel = new Tunnel(idle.toNanos(), closed);
    Channel leftChannel = left.apply(tunnel.left);
    Channel rightChannel = right.apply(tunnel.right);
    tunnel.start(leftChannel, rightChannel);
  }

  private void start(Channel leftChannel, Channel rightChannel) {
    left.other = rightChannel;
    right.other = leftChannel;
    DeadlineTimer idle = new DeadlineTimer(leftChannel.eventLoop(), this::expire);
    timer = idle;
    idle.ensure(DeadlineTimer.after(lastBytes, idleNanos));
    left.passOnEarlyBytes();
    right.passOnEarlyBytes();
    if (leftChannel.isActive() && rightChannel.isActive()) {
      leftChannel.read();
      rightChannel.read();
    } else {
      close(false);
    }
  }

  private long expire(long now) {
    long deadline = DeadlineTimer.after(lastBytes, idleNanos);
    if (now >= deadline) {
      close(true);
      return DeadlineTimer.NONE;
    }
    return deadline;
  }

  private void close(boolean idle) {
    if (over) {
      return;
    }
    over = true;
    DeadlineTimer running = timer;
    if (running != null) {
      running.stop();
    }
    closeAfterFlush(left.other);
    closeAfterFlush(right.other);
    closed.closed(left.bytes, right.bytes, idle);
  }

  private static void closeAfterFlush(@Nullable Channel channel) {
    if (channel != null && channel.isActive()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The handler on one of the two channels. */
  private final class End extends ChannelInboundHandlerAdapter {
    private @Nullable Channel other;
    private @Nullable ByteBuf early;
    private long bytes;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!(message instanceof ByteBuf data)) {
        ReferenceCountUtil.release(message);
        return;
      }
      Channel target = other;
      if (target == null) {
        early = early == null ? data : Unpooled.wrappedBuffer(early, data);
      } else {
        pass(target, data);
      }
    }

    private void passOnEarlyBytes() {
      ByteBuf data = early;
      Channel target = other;
      early = null;
      if (data != null && target != null) {
        pass(target, data);
        target.flush();
      }
    }

    private void pass(Channel target, ByteBuf data) {
      bytes += data.readableBytes();
      lastBytes = DeadlineTimer.now();
      target.write(data, target.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      Channel target = other;
      if (target != null) {
        target.flush();
        if (target.isWritable()) {
          context.read();
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      Channel source = other;
      if (source != null && context.channel().isWritable()) {
        source.read();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      close(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // Both ends close, which is all that a byte tunnel can say.
      PipelineFailures.log(context.channel(), cause);
      context.close();
      close(false);
    }
  }
}
