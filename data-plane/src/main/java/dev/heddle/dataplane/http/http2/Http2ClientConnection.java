package dev.heddle.dataplane.http.http2;

import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.PipelineFailures;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.message.Http2Mapping;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an endpoint that carries many requests at once, up to what the peer allows. After
 * a GOAWAY it takes no new ones: those beyond the peer's last stream were not processed and may be
 * retried, the others finish. The same after a request was given up to which, and since which,
 * nothing was heard: the peer may be gone without a word, and then every other request would wait
 * in vain too.
 */
public final class Http2ClientConnection extends ResetsAtOnce implements WriteBatch.Flushable {
  /** A request given up sooner tells nothing of the peer. */
  private static final long SUSPICIOUS_SILENCE_NANOS = 1_000_000_000L;

  private final Owner owner;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final boolean mesh;
  private final Http2Connection.PropertyKey streamKey;
  private final SmallDataEncoder dataEncoder;
  private final ControlFrameBudget controlFrames;
  private final ChannelHandlerContext context;
  private final long bornNanos = DeadlineTimer.now();

  private boolean touched;
  private boolean retired;
  private boolean gone;
  private int streams;
  private long flushes;
  private long reads;
  private long carried;
  private long idleSince = bornNanos;

  /** Who pools the connection. */
  public interface Owner {
    /** There is room for another stream, or the last one has ended. */
    void streamEnded(Http2ClientConnection connection);

    /** The connection is closed; called once. */
    void closed(Http2ClientConnection connection);
  }

  private Http2ClientConnection(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Builder from) {
    SmallDataEncoder small = new SmallDataEncoder(encoder, from.gathering);
    super(decoder, small, settings);
    this.dataEncoder = small;
    this.owner = from.owner;
    this.batch = from.batch;
    this.limits = from.limits;
    this.mesh = from.mesh;
    this.streamKey = connection().newKey();
    this.controlFrames = new ControlFrameBudget(limits.controlFramesPerTenSeconds());
    decoder.frameListener(new Frames());
    connection().addListener(new Streams());
    encoder.flowController().listener(this::writabilityChanged);
    from.channel.pipeline().addLast(from.gathering, this);
    ChannelHandlerContext own = from.channel.pipeline().context(this);
    if (own == null) {
      throw new IllegalStateException("the channel's pipeline is closed");
    }
    this.context = own;
  }

  /**
   * Puts the codec and the connection into the pipeline and sends the preface. Called on the
   * channel's event loop.
   *
   * @param mesh whether the endpoint proved to be of the mesh, so that its proxy's headers are
   *     believed
   */
  public static Http2ClientConnection install(
      Channel channel, Owner owner, WriteBatch batch, HttpLimits limits, boolean mesh) {
    Http2ClientConnection installed = new Builder(channel, owner, batch, limits, mesh).build();
    installed.growConnectionWindow();
    installed.touch();
    channel.read();
    return installed;
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2ClientConnection, Builder> {
    private final Channel channel;
    private final FrameGathering gathering = new FrameGathering();
    private final Owner owner;
    private final WriteBatch batch;
    private final HttpLimits limits;
    private final boolean mesh;

    private Builder(
        Channel channel, Owner owner, WriteBatch batch, HttpLimits limits, boolean mesh) {
      this.channel = channel;
      this.owner = owner;
      this.batch = batch;
      this.limits = limits;
      this.mesh = mesh;
      connection(EqualStreams.connection(false));
      validateHeaders(true);
      frameListener(new Http2FrameAdapter());
      initialSettings(
          Http2Settings.defaultSettings()
              .pushEnabled(false)
              .maxHeaderListSize(limits.maxHeaderBytes())
              .initialWindowSize(limits.streamWindowBytes()));
      decoderEnforceMaxConsecutiveEmptyDataFrames(2);
      gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Http2ClientConnection build() {
      return super.build();
    }

    @Override
    protected Http2ClientConnection build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2ClientConnection(decoder, encoder, settings, this);
    }
  }

  private void growConnectionWindow() {
    int more = limits.connectionWindowBytes() - 65_535;
    if (more > 0) {
      try {
        decoder().flowController().incrementWindowSize(connection().connectionStream(), more);
      } catch (Http2Exception e) {
        throw new IllegalStateException("connection window", e);
      }
    }
  }

  /** Whether another stream may be opened now. */
  public boolean hasRoom() {
    return !retired
        && !gone
        && !connection().goAwayReceived()
        && context.channel().isActive()
        && streams
            < Math.min(connection().local().maxActiveStreams(), limits.maxConcurrentStreams());
  }

  public boolean isIdle() {
    return streams == 0;
  }

  public int streams() {
    return streams;
  }

  /** How many requests it has carried. */
  public long carried() {
    return carried;
  }

  public long bornNanos() {
    return bornNanos;
  }

  public long idleSince() {
    return idleSince;
  }

  /** Carries a request; only while {@link #hasRoom}. */
  public void use(UpstreamConsumer consumer) {
    streams++;
    carried++;
    consumer.onStream(new ClientStream(consumer, carried > 1));
  }

  /** Takes no new streams; closes when the last one ends. */
  public void retire() {
    retired = true;
    closeIfDone();
  }

  private void closeIfDone() {
    if (streams == 0 && (retired || connection().goAwayReceived())) {
      context.close();
    }
  }

  private void writabilityChanged(Http2Stream stream) {
    ClientStream own = stream.getProperty(streamKey);
    if (own != null && !own.over) {
      own.consumer.onWritable();
    }
  }

  private @Nullable ClientStream streamOf(int id) {
    Http2Stream stream = connection().stream(id);
    ClientStream own = stream == null ? null : stream.getProperty(streamKey);
    return own == null || own.over ? null : own;
  }

  /** Frames of the server. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers block, int padding, boolean end)
        throws Http2Exception {
      controlFrames.earn();
      ClientStream own = streamOf(id);
      if (own == null) {
        return;
      }
      try {
        own.headers(block, end);
      } catch (MalformedMessageException e) {
        own.fail(new UpstreamFailure.Malformed(e.reason()));
        throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "%s", e.reason());
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int id,
        Http2Headers block,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      onHeadersRead(ctx, id, block, padding, end);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      controlFrames.earn();
      ClientStream own = streamOf(id);
      if (own == null) {
        return data.readableBytes() + padding;
      }
      if (!own.headRead) {
        own.fail(new UpstreamFailure.Malformed("the server sent data before headers"));
        throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "DATA before HEADERS");
      }
      if (data.isReadable()) {
        own.consumer.onData(data.retain());
      }
      if (end) {
        own.end(null);
      }
      return padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long errorCode) {
      ClientStream own = streamOf(id);
      if (own != null) {
        own.fail(
            errorCode == Http2Error.REFUSED_STREAM.code()
                ? new UpstreamFailure.NotProcessed("the server refused the stream")
                : new UpstreamFailure.Reset(errorCode));
      }
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
      controlFrames.take();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
        throws Http2Exception {
      controlFrames.take();
      if (connection().local().maxActiveStreams() == 0) {
        // A server that takes no requests is not kept for one.
        retire();
      }
    }
  }

  /** Life of the streams and of the connection. */
  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      ClientStream own = stream.getProperty(streamKey);
      if (own == null) {
        return;
      }
      if (!own.over) {
        boolean beyondGoAway =
            connection().goAwayReceived()
                && stream.id() > connection().local().lastStreamKnownByPeer();
        own.fail(
            beyondGoAway
                ? new UpstreamFailure.NotProcessed("the server is going away")
                : new UpstreamFailure.Closed(own.written(), own.reused));
      }
      own.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    if (!gone) {
      gone = true;
      owner.closed(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      PipelineFailures.log(ctx.channel(), cause);
      ctx.close();
    } else {
      super.exceptionCaught(ctx, cause);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    reads++;
    super.channelReadComplete(ctx);
  }

  private void touch() {
    if (!touched) {
      touched = true;
      batch.touch(this);
    }
  }

  @Override
  public void flushWrites() {
    touched = false;
    flushes++;
    flush(context);
  }

  /** One attempt. */
  private final class ClientStream implements UpstreamStream, ChannelFutureListener {
    private final UpstreamConsumer consumer;
    private final boolean reused;
    private final long startNanos = DeadlineTimer.now();
    private final long readsBefore = reads;
    private int id;
    private @Nullable Http2Stream stream;
    private long headFlush = Long.MAX_VALUE;
    private boolean headRead;
    private int interimAnswers;
    private boolean over;
    private boolean released;

    private ClientStream(UpstreamConsumer consumer, boolean reused) {
      this.consumer = consumer;
      this.reused = reused;
    }

    private boolean written() {
      return headRead || flushes > headFlush;
    }

    private void headers(Http2Headers block, boolean end) throws MalformedMessageException {
      if (headRead) {
        end(Http2Mapping.trailers(block, limits.maxHeaders()));
        return;
      }
      ResponseHead head = Http2Mapping.response(block, limits.maxHeaders(), mesh);
      if (head.informational()) {
        if (++interimAnswers > limits.maxInterimAnswers()) {
          throw new MalformedMessageException(502, "the server sent interim answers only");
        }
        consumer.onInformational(head);
        return;
      }
      headRead = true;
      if (end) {
        over = true;
      }
      consumer.onHead(head, end);
    }

    private void end(@Nullable HttpHeaders trailers) {
      if (!over) {
        over = true;
        consumer.onEnd(trailers);
      }
    }

    private void fail(UpstreamFailure failure) {
      if (!over) {
        over = true;
        consumer.onFailure(failure);
      }
    }

    private void release() {
      if (!released) {
        released = true;
        streams--;
        if (streams == 0) {
          idleSince = DeadlineTimer.now();
        }
        closeIfDone();
        owner.streamEnded(Http2ClientConnection.this);
      }
    }

    @Override
    public void writeHead(RequestHead head, boolean end) {
      id = connection().local().incrementAndGetNextStreamId();
      if (id < 0) {
        retired = true;
        fail(new UpstreamFailure.NotProcessed("no stream ids are left on the connection"));
        release();
        return;
      }
      headFlush = flushes;
      ChannelFuture written =
          encoder()
              .writeHeaders(context, id, Http2Mapping.toBlock(head), 0, end, context.newPromise());
      stream = connection().stream(id);
      if (stream != null) {
        stream.setProperty(streamKey, this);
      }
      written.addListener(this);
      touch();
    }

    /** The head could not be written: too large for the peer, or no stream could be opened. */
    @Override
    public void operationComplete(ChannelFuture written) {
      if (!written.isSuccess()) {
        fail(
            written.cause() instanceof Http2Exception.HeaderListSizeException
                ? new UpstreamFailure.Overflow("the headers are larger than the server takes")
                : new UpstreamFailure.NotProcessed("the request could not be written"));
        if (stream == null) {
          release();
        } else if (stream.state() != Http2Stream.State.CLOSED) {
          resetStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
          touch();
        }
      }
    }

    @Override
    public void writeData(ByteBuf data, boolean end) {
      controlFrames.earn();
      Http2Stream open = stream;
      if (open == null) {
        data.release();
        return;
      }
      if (end) {
        encoder().writeData(context, id, data, 0, true, context.newPromise());
      } else {
        dataEncoder.writeMore(context, open, data);
      }
      touch();
    }

    @Override
    public void writeTrailers(HttpHeaders trailers) {
      if (stream != null) {
        encoder()
            .writeHeaders(
                context, id, Http2Mapping.toBlock(trailers), 0, true, context.newPromise());
        touch();
      }
    }

    @Override
    public boolean writable() {
      Http2Stream open = stream;
      return open != null && encoder().flowController().isWritable(open);
    }

    @Override
    public void consumed(int bytes) {
      Http2Stream open = stream;
      if (open == null || open.state() == Http2Stream.State.CLOSED) {
        return;
      }
      try {
        if (decoder().flowController().consumeBytes(open, bytes)) {
          touch();
        }
      } catch (Http2Exception e) {
        onError(context, true, e);
      }
    }

    @Override
    public void cancel() {
      over = true;
      if (reads == readsBefore && DeadlineTimer.now() - startNanos >= SUSPICIOUS_SILENCE_NANOS) {
        retired = true;
      }
      Http2Stream open = stream;
      if (open == null) {
        release();
      } else if (open.state() != Http2Stream.State.CLOSED) {
        resetStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
        touch();
      }
    }

    @Override
    public Channel detach(ChannelHandler tunnelEnd) {
      throw new UnsupportedOperationException("HTTP/2 has no upgrade");
    }
  }
}
