package dev.heddle.dataplane.http.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FrameGatheringTest {
  private final FrameGathering gathering = new FrameGathering();
  private final Socket socket = new Socket();
  private final Codec codec = new Codec();
  private final EmbeddedChannel channel = new EmbeddedChannel(socket, gathering, codec);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void whatIsWrittenBetweenTwoFlushesIsOneBuffer() {
    ChannelFuture warp = channel.write(buffer("warp"));
    gathering.append(1).writeBytes(buffer("+"));
    ChannelFuture weft = channel.write(buffer("weft"));
    assertThat(written()).isEmpty();
    assertThat(warp.isDone()).isFalse();

    channel.flush();
    channel.write(buffer("next"));
    channel.flush();
    assertThat(written()).containsExactly("warp+weft", "next");
    assertThat(warp.isSuccess()).isTrue();
    assertThat(weft.isSuccess()).isTrue();
  }

  @Test
  void whatIsWrittenIsReleased() {
    ByteBuf warp = buffer("warp");
    channel.writeAndFlush(warp);
    assertThat(warp.refCnt()).isZero();
  }

  @Test
  void whatIsLargeKeepsItsPlace() {
    String large = "x".repeat(FrameGathering.SMALL + 1);
    channel.write(buffer("before"));
    ChannelFuture written = channel.write(buffer(large));
    channel.write(buffer("after"));
    channel.flush();
    assertThat(written()).containsExactly("before", large, "after");
    assertThat(written.isSuccess()).isTrue();
  }

  @Test
  void buffersAreNoLargerThanARecordOfTls() {
    String frame = "x".repeat(FrameGathering.SMALL);
    for (int i = 0; i < 17; i++) {
      channel.write(buffer(frame));
    }
    channel.flush();
    assertThat(written()).extracting(String::length).containsExactly(FrameGathering.LARGEST, 1024);
  }

  @Test
  void buffersBecomeSmallerWithWhatIsWritten() {
    channel.writeAndFlush(buffer("x".repeat(1000)));
    for (int i = 0; i < 6; i++) {
      channel.writeAndFlush(buffer("x"));
    }
    assertThat(socket.capacities).containsExactly(1000, 1000, 500, 250, 125, 64, 64);
  }

  @Test
  void nobodyWaitsForAFlushOfNothing() {
    channel.flush();
    assertThat(written()).isEmpty();
  }

  @Test
  void allLearnThatTheSocketFailed() {
    socket.failure = new IOException("reset");
    ChannelFuture warp = channel.write(buffer("warp"));
    ChannelFuture weft = channel.write(buffer("weft"));
    channel.flush();
    assertThat(warp.cause()).isSameAs(socket.failure);
    assertThat(weft.cause()).isSameAs(socket.failure);
    assertThat(codec.failures).containsExactly(socket.failure);
  }

  @Test
  void whatWaitsForAFlushFailsWhenTheConnectionCloses() {
    ChannelFuture warp = channel.write(buffer("warp"));
    ByteBuf gathered = gathering.append(1);
    channel.close();
    assertThat(warp.cause()).isInstanceOf(ClosedChannelException.class);
    assertThat(gathered.refCnt()).isZero();
    assertThatThrownBy(() -> gathering.append(1)).hasMessage("the connection is closed");
  }

  private List<String> written() {
    List<String> written = new ArrayList<>();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      written.add(each.toString(US_ASCII));
      each.release();
    }
    return written;
  }

  private static ByteBuf buffer(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  /** Takes what is written, or fails. */
  private static final class Socket extends ChannelOutboundHandlerAdapter {
    private final List<Integer> capacities = new ArrayList<>();
    private @Nullable IOException failure;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ByteBuf buffer = (ByteBuf) message;
      capacities.add(buffer.capacity());
      if (failure == null) {
        ctx.write(buffer, promise);
      } else {
        buffer.release();
        promise.setFailure(failure);
      }
    }
  }

  /** Whom failures are told. */
  private static final class Codec extends ChannelInboundHandlerAdapter {
    private final List<Throwable> failures = new ArrayList<>();

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      failures.add(cause);
    }
  }
}
