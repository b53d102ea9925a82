package dev.heddle.dataplane.http.http2;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SmallDataEncoderTest {
  private static final int STREAM = 3;
  private static final String HEADER_OF_TWO_BYTES = "000002" + "00" + "00" + "00000003";
  private static final String HEADER_OF_SIX_BYTES = "000006" + "00" + "00" + "00000003";
  private static final String LAST_HEADER_OF_FOUR_BYTES = "000004" + "00" + "01" + "00000003";

  private final Http2Connection connection = new DefaultHttp2Connection(false);
  private final FrameGathering gathering = new FrameGathering();
  private final SmallDataEncoder encoder =
      new SmallDataEncoder(
          new DefaultHttp2ConnectionEncoder(connection, new DefaultHttp2FrameWriter()), gathering);
  private final Http2ConnectionHandler handler =
      new Http2ConnectionHandlerBuilder()
          .codec(
              new DefaultHttp2ConnectionDecoder(connection, encoder, new DefaultHttp2FrameReader()),
              encoder)
          .frameListener(new Http2FrameAdapter())
          .gracefulShutdownTimeoutMillis(0)
          .build();
  private final EmbeddedChannel channel = new EmbeddedChannel(gathering, handler);
  private final ChannelHandlerContext context =
      Objects.requireNonNull(channel.pipeline().context(handler));

  @BeforeEach
  void openStream() {
    encoder.writeHeaders(
        context, STREAM, new DefaultHttp2Headers(), 0, false, context.newPromise());
    handler.flush(context);
    written();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void writesHeaderAndPayloadAsOneBuffer() {
    ByteBuf data = payload("linen!");
    ChannelPromise promise = write(data, false);
    assertThat(written()).containsExactly(HEADER_OF_SIX_BYTES + hex("linen!"));
    assertThat(promise.isSuccess()).isTrue();
    assertThat(data.refCnt()).isZero();
    assertThat(stream().state()).isEqualTo(Http2Stream.State.OPEN);
  }

  @Test
  void nobodyHasToAskOfDataThatMoreFollows() {
    ByteBuf data = payload("linen!");
    encoder.writeMore(context, stream(), data);
    write(payload("wool"), true);
    assertThat(written())
        .containsExactly(
            HEADER_OF_SIX_BYTES + hex("linen!") + LAST_HEADER_OF_FOUR_BYTES + hex("wool"));
    assertThat(data.refCnt()).isZero();
  }

  @Test
  void endsTheStream() {
    write(payload("linen!"), true);
    assertThat(written()).containsExactly("000006" + "00" + "01" + "00000003" + hex("linen!"));
    assertThat(stream().state()).isEqualTo(Http2Stream.State.HALF_CLOSED_LOCAL);
  }

  @Test
  void keepsOrderAndWaitsForThePeersWindow() throws Http2Exception {
    window(-65_535 + 4);
    ByteBuf data = payload("linen!");
    ChannelPromise first = write(data, false);
    ChannelPromise second = write(payload("wool"), true);
    assertThat(written()).containsExactly("000004" + "00" + "00" + "00000003" + hex("line"));
    assertThat(first.isDone()).isFalse();
    assertThat(data.refCnt()).isOne();

    window(100);
    assertThat(written())
        .containsExactly(HEADER_OF_TWO_BYTES + hex("n!") + LAST_HEADER_OF_FOUR_BYTES + hex("wool"));
    assertThat(first.isSuccess()).isTrue();
    assertThat(second.isSuccess()).isTrue();
    assertThat(data.refCnt()).isZero();
  }

  @Test
  void dropsWhatWaitsWhenTheStreamIsReset() throws Http2Exception {
    window(-65_535);
    ByteBuf data = payload("linen!");
    ChannelPromise promise = write(data, true);
    stream().close();
    assertThat(promise.cause()).hasMessageContaining("Stream closed before write");
    assertThat(data.refCnt()).isZero();
    assertThat(encoder.flowController().windowSize(connection.connectionStream()))
        .isEqualTo(65_535);
  }

  @Test
  void dropsWhatWaitsWhenTheConnectionCloses() throws Http2Exception {
    window(-65_535 + 2);
    ByteBuf data = payload("linen!");
    ChannelPromise promise = write(data, true);
    channel.close();
    assertThat(promise.isSuccess()).isFalse();
    assertThat(promise.isDone()).isTrue();
    assertThat(data.refCnt()).isZero();
  }

  @Test
  void refusesDataOfAStreamThatIsNoMore() {
    stream().close();
    ByteBuf data = payload("linen!");
    ChannelPromise promise = write(data, false);
    assertThat(promise.cause()).hasMessageContaining("Stream no longer exists");
    assertThat(data.refCnt()).isZero();
  }

  @Test
  void leavesLargeAndEmptyDataToTheCodec() {
    write(payload("x".repeat(SmallDataEncoder.SMALL + 1)), false);
    assertThat(written()).hasSize(2);
    write(Unpooled.EMPTY_BUFFER, true);
    assertThat(written()).containsExactly("000000" + "00" + "01" + "00000003");
    assertThat(stream().state()).isEqualTo(Http2Stream.State.HALF_CLOSED_LOCAL);
  }

  private ChannelPromise write(ByteBuf data, boolean end) {
    ChannelPromise promise = context.newPromise();
    encoder.writeData(context, STREAM, data, 0, end, promise);
    handler.flush(context);
    return promise;
  }

  /** Changes what the peer takes on the stream. */
  private void window(int more) throws Http2Exception {
    encoder.flowController().incrementWindowSize(stream(), more);
    handler.flush(context);
  }

  private Http2Stream stream() {
    return Objects.requireNonNull(connection.stream(STREAM));
  }

  private List<String> written() {
    List<String> frames = new ArrayList<>();
    for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
      if (frame.isReadable()) {
        frames.add(ByteBufUtil.hexDump(frame));
      }
      frame.release();
    }
    return frames;
  }

  private static ByteBuf payload(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  private static String hex(String text) {
    return ByteBufUtil.hexDump(text.getBytes(US_ASCII));
  }
}
