package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.upstream.UpstreamConnector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connects, and if so asked sends bytes and looks for others in what comes back. */
final class TcpProbe implements Probe {
  private static final int MAX_ANSWER = 64 * 1024;

  private final EventLoop eventLoop;
  private final ProbedEndpoint picked;
  private final HealthCheck.Probe.Tcp question;
  private final UpstreamConnector connector;
  private final Listener listener;
  private @Nullable Channel channel;
  private boolean done;

  TcpProbe(
      EventLoop eventLoop,
      ProbedEndpoint picked,
      HealthCheck.Probe.Tcp question,
      UpstreamConnector connector,
      Listener listener) {
    this.eventLoop = eventLoop;
    this.picked = picked;
    this.question = question;
    this.connector = connector;
    this.listener = listener;
  }

  @Override
  public void start() {
    connector
        .connect(eventLoop, picked, null)
        .addListener((Future<Channel> connected) -> connected(connected));
  }

  private void connected(Future<Channel> connected) {
    if (!connected.isSuccess()) {
      end(new Result.Unhealthy(String.valueOf(connected.cause().getMessage()), false));
      return;
    }
    Channel open = connected.getNow();
    channel = open;
    if (done) {
      open.close();
    } else if (question.send().isEmpty() && question.receive().isEmpty()) {
      end(new Result.Healthy());
    } else {
      open.pipeline().addLast(new Conversation());
      if (!question.send().isEmpty()) {
        open.writeAndFlush(Unpooled.wrappedBuffer(HexFormat.of().parseHex(question.send())));
      }
      if (question.receive().isEmpty()) {
        end(new Result.Healthy());
      } else {
        open.read();
      }
    }
  }

  @Override
  public void cancel() {
    done = true;
    if (channel != null) {
      channel.close();
    }
  }

  private void end(Result result) {
    if (!done) {
      done = true;
      if (channel != null) {
        channel.close();
      }
      listener.done(result);
    }
  }

  /** Collects what the endpoint says. */
  private final class Conversation extends SimpleChannelInboundHandler<ByteBuf> {
    private final ByteBuf received = Unpooled.buffer(256, MAX_ANSWER);

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      if (bytes.readableBytes() > MAX_ANSWER - received.readableBytes()) {
        end(new Result.Unhealthy("not what was expected in " + MAX_ANSWER + " bytes", false));
        return;
      }
      received.writeBytes(bytes);
      if (found(received, question.receive())) {
        end(new Result.Healthy());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      if (!done) {
        context.read();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        end(new Result.Unhealthy("the endpoint ended the connection", false));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end(new Result.Unhealthy("the endpoint closed the connection", false));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end(new Result.Unhealthy(cause.toString(), false));
    }
  }

  private static boolean found(ByteBuf received, List<String> wanted) {
    int from = 0;
    for (String hex : wanted) {
      ByteBuf needle = Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
      int at = ByteBufUtil.indexOf(needle, received.slice(from, received.writerIndex() - from));
      if (at < 0) {
        return false;
      }
      from += at + needle.readableBytes();
    }
    return true;
  }
}
