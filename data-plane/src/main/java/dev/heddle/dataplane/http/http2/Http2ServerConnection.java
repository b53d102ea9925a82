package dev.heddle.dataplane.http.http2;

import dev.heddle.dataplane.config.TerminalFilter;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.BodyRate;
import dev.heddle.dataplane.http.exchange.ConnectionScope;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.DownstreamStream;
import dev.heddle.dataplane.http.exchange.Exchange;
import dev.heddle.dataplane.http.exchange.ExchangeServices;
import dev.heddle.dataplane.http.exchange.LocalReply;
import dev.heddle.dataplane.http.exchange.PipelineFailures;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.Http2Mapping;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.lifecycle.PressureNotice;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/2 connection.
 *
 * <pre>
 *   Serving ---drain, idle---> Announced (GOAWAY 2^31-1) ---PING answered---> Closing (GOAWAY last) ---no streams---> closed
 * </pre>
 *
 * <p>The first GOAWAY stops the client from opening streams. When the client has answered the PING
 * behind it, all that it had opened has come in, and the second GOAWAY says so (RFC 9113, 6.8): no
 * stream is lost.
 */
public final class Http2ServerConnection extends ResetsAtOnce implements WriteBatch.Flushable {
  private static final long DRAIN_PING = 0x686564646c65L;
  private static final long DRAIN_PING_TIMEOUT_MILLIS = 5000;

  /** How long a connection may do nothing when the proxy is short of connections or memory. */
  private static final long PRESSURE_IDLE_NANOS = 1_000_000_000L;

  private final ExchangeServices services;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final ConnectionScope scope;
  private final DeadlineTimer timer;
  private final Http2Connection.PropertyKey streamKey;
  private final SmallDataEncoder dataEncoder;
  private final ControlFrameBudget controlFrames;
  private final ResetBudget resetsReceived;
  private final ResetBudget resetsSent;
  private final EndedStreams endedStreams = new EndedStreams();
  private boolean tooManyResets;
  private final long idleTimeoutNanos;
  private final ChannelHandlerContext context;

  private boolean touched;
  private boolean announced;
  private boolean closing;
  private long idleSince = DeadlineTimer.now();

  private Http2ServerConnection(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Builder from) {
    SmallDataEncoder small = new SmallDataEncoder(encoder, from.gathering);
    super(decoder, small, settings);
    this.dataEncoder = small;
    this.services = from.services;
    this.batch = from.batch;
    this.limits = from.limits;
    this.idleTimeoutNanos = from.filter.idleTimeout().toNanos();
    this.timer = new DeadlineTimer(from.channel.eventLoop(), this::expire);
    this.scope = new ConnectionScope(from.connection, from.filter, HttpProtocol.HTTP2, timer);
    this.streamKey = connection().newKey();
    this.controlFrames = new ControlFrameBudget(limits.controlFramesPerTenSeconds());
    this.resetsReceived = new ResetBudget(limits.freeResetsPerTenSeconds());
    this.resetsSent = new ResetBudget(limits.freeResetsPerTenSeconds());
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

  private static int maxStreams(TerminalFilter.HttpConnectionManager filter, HttpLimits limits) {
    int configured = filter.connectionLimits().maxConcurrentStreams();
    return configured > 0 ? configured : limits.maxConcurrentStreams();
  }

  /** Puts the codec and the connection into the pipeline. Called on the channel's event loop. */
  public static Http2ServerConnection install(
      Channel channel,
      ExchangeServices services,
      WriteBatch batch,
      HttpLimits limits,
      ConnectionContext connection,
      TerminalFilter.HttpConnectionManager filter) {
    Http2ServerConnection installed =
        new Builder(channel, services, batch, limits, connection, filter).build();
    installed.growConnectionWindow();
    installed.timer.ensure(DeadlineTimer.after(DeadlineTimer.now(), installed.idleTimeoutNanos));
    channel.read();
    return installed;
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2ServerConnection, Builder> {
    private final Channel channel;
    private final FrameGathering gathering = new FrameGathering();
    private final ExchangeServices services;
    private final WriteBatch batch;
    private final HttpLimits limits;
    private final ConnectionContext connection;
    private final TerminalFilter.HttpConnectionManager filter;

    private Builder(
        Channel channel,
        ExchangeServices services,
        WriteBatch batch,
        HttpLimits limits,
        ConnectionContext connection,
        TerminalFilter.HttpConnectionManager filter) {
      this.channel = channel;
      this.services = services;
      this.batch = batch;
      this.limits = limits;
      this.connection = connection;
      this.filter = filter;
      connection(EqualStreams.connection(true));
      validateHeaders(true);
      frameListener(new Http2FrameAdapter());
      initialSettings(
          Http2Settings.defaultSettings()
              .maxConcurrentStreams(maxStreams(filter, limits))
              .maxHeaderListSize(limits.maxHeaderBytes())
              .initialWindowSize(limits.streamWindowBytes()));
      // Resets have budgets of their own, which know how many streams they are to be held against.
      decoderEnforceMaxRstFramesPerWindow(0, 0);
      encoderEnforceMaxRstFramesPerWindow(0, 0);
      decoderEnforceMaxConsecutiveEmptyDataFrames(2);
      gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Http2ServerConnection build() {
      return super.build();
    }

    @Override
    protected Http2ServerConnection build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2ServerConnection(decoder, encoder, settings, this);
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
      touch();
    }
  }

  private @Nullable ServerStream streamOf(int id) {
    Http2Stream stream = connection().stream(id);
    return stream == null ? null : stream.getProperty(streamKey);
  }

  private void writabilityChanged(Http2Stream stream) {
    ServerStream own = stream.getProperty(streamKey);
    if (own != null && own.exchange != null && !own.exchange.isOver()) {
      own.exchange.downstreamWritable();
    }
  }

  /**
   * Counts what the client makes the proxy reset, also when the codec does. A reset of a stream
   * that is gone throws no work away: it answers what was on its way when the stream ended.
   */
  @Override
  public ChannelFuture resetStream(
      ChannelHandlerContext ctx, int id, long errorCode, ChannelPromise promise) {
    Http2Stream stream = connection().stream(id);
    if (stream == null || stream.state().remoteSideOpen()) {
      endedStreams.reset(id);
    }
    if (stream != null && !resetsSent.reset() && !tooManyResets) {
      tooManyResets = true;
      onError(
          ctx,
          true,
          Http2Exception.connectionError(
              Http2Error.ENHANCE_YOUR_CALM, "most streams of ten seconds had to be reset"));
    }
    return super.resetStream(ctx, id, errorCode, promise);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    int id = error.streamId();
    Http2Stream stream = connection().stream(id);
    if (!outbound && stream == null && error.error() == Http2Error.STREAM_CLOSED) {
      Http2Error worse = endedStreams.errorOf(id);
      if (worse != null) {
        onError(ctx, false, Http2Exception.connectionError(worse, "stream %d has ended", id));
        return;
      }
    }
    super.onStreamError(
        ctx, outbound, cause, !outbound && headersAfterTheEnd(stream, error) ? closed(id) : error);
  }

  /** The codec takes headers after the end of a request for headers too many. */
  private boolean headersAfterTheEnd(
      @Nullable Http2Stream stream, Http2Exception.StreamException error) {
    return stream != null
        && !stream.state().remoteSideOpen()
        && stream.getProperty(streamKey) != null
        && error.error() == Http2Error.PROTOCOL_ERROR
        && String.valueOf(error.getMessage()).contains("too many headers");
  }

  private static Http2Exception.StreamException closed(int id) {
    return (Http2Exception.StreamException)
        Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, "stream %d has ended", id);
  }

  /** Frames of the client. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers block, int padding, boolean end)
        throws Http2Exception {
      controlFrames.earn();
      Http2Stream stream = connection().stream(id);
      ServerStream own = stream.getProperty(streamKey);
      try {
        if (own == null) {
          resetsReceived.opened();
          resetsSent.opened();
          begin(stream, block, end);
        } else if (own.exchange != null && !own.exchange.isOver()) {
          if (!end) {
            throw MalformedMessageException.badRequest(
                "trailers (expected: the end of the stream)");
          }
          HttpHeaders trailers = Http2Mapping.trailers(block, limits.maxHeaders());
          if (trailers.isEmpty()) {
            own.exchange.requestData(Unpooled.EMPTY_BUFFER, true);
          } else {
            own.exchange.requestTrailers(trailers);
          }
        }
      } catch (MalformedMessageException e) {
        if (own != null && own.exchange != null) {
          own.exchange.downstreamFailed(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
        }
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
    public int onDataRead(
        ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
      controlFrames.earn();
      ServerStream own = streamOf(id);
      if (own == null || own.exchange == null || own.exchange.isOver()) {
        return data.readableBytes() + padding;
      }
      own.received(data.readableBytes(), end);
      own.exchange.requestData(data.retain(), end);
      return padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long errorCode)
        throws Http2Exception {
      if (!resetsReceived.reset()) {
        throw Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "most streams of ten seconds were reset by the client");
      }
      endedStreams.reset(id);
      ServerStream own = streamOf(id);
      if (own != null && own.exchange != null) {
        own.exchange.downstreamFailed(ResponseFlag.DOWNSTREAM_TERMINATION);
      }
    }

    /** The client has seen the first GOAWAY: what it opened before has come in by now. */
    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      if (data == DRAIN_PING && announced) {
        closeToNewStreams();
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
    }

    @Override
    public void onPriorityRead(
        ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
        throws Http2Exception {
      controlFrames.take();
    }
  }

  private void begin(Http2Stream stream, Http2Headers block, boolean end)
      throws MalformedMessageException {
    ServerStream own = new ServerStream(stream);
    if (services.memoryIsShort()) {
      services.refused(scope, 503, ResponseFlag.OVERLOAD);
      own.refuse(503, ResponseFlag.OVERLOAD, "the proxy is short of memory", end);
      return;
    }
    RequestHead head;
    try {
      head = Http2Mapping.request(block, limits.maxHeaders());
    } catch (MalformedMessageException e) {
      services.refused(scope, e.status(), ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
      if (e.status() == 400) {
        throw e;
      }
      own.refuse(e.status(), ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, e.reason(), end);
      return;
    }
    stream.setProperty(streamKey, own);
    if (scope.lastRequest()) {
      drain();
    }
    Exchange exchange = new Exchange(services, scope, own, head);
    own.exchange = exchange;
    if (!end) {
      own.expectBody(head);
    }
    exchange.start(end);
  }

  /** Life of the streams. */
  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamAdded(Http2Stream stream) {
      if (connection().remote().isValidStreamId(stream.id())) {
        endedStreams.opened(stream.id());
      }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      ServerStream own = stream.getProperty(streamKey);
      if (own != null && own.exchange != null) {
        own.exchange.downstreamFailed(ResponseFlag.DOWNSTREAM_TERMINATION);
      }
    }

    @Override
    public void onStreamRemoved(Http2Stream stream) {
      if (connection().numActiveStreams() == 0) {
        idleSince = DeadlineTimer.now();
        timer.ensure(DeadlineTimer.after(idleSince, idleTimeoutNanos));
        closeIfDone();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    timer.stop();
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

  // ---- time and drain ----

  private long expire(long now) {
    if (connection().numActiveStreams() == 0) {
      long idle = DeadlineTimer.after(idleSince, idleTimeoutNanos);
      if (now >= idle) {
        drain();
        return DeadlineTimer.NONE;
      }
      return idle;
    }
    long[] next = {DeadlineTimer.NONE};
    try {
      connection()
          .forEachActiveStream(stream -> {
            ServerStream own = stream.getProperty(streamKey);
            if (own != null && own.exchange != null) {
              next[0] = Math.min(next[0], own.expire(own.exchange, now));
            }
            return true;
          });
    } catch (Http2Exception e) {
      onError(context, true, e);
    }
    return next[0];
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event == DrainNotice.INSTANCE) {
      drain();
    } else if (event == PressureNotice.INSTANCE) {
      makeRoom(DeadlineTimer.now());
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  private void makeRoom(long now) {
    if (connection().numActiveStreams() == 0) {
      if (now - idleSince >= PRESSURE_IDLE_NANOS) {
        drain();
      }
      return;
    }
    try {
      connection()
          .forEachActiveStream(stream -> {
            ServerStream own = stream.getProperty(streamKey);
            if (own != null && own.exchange != null) {
              own.makeRoom(own.exchange, now);
            }
            return true;
          });
    } catch (Http2Exception e) {
      onError(context, true, e);
    }
  }

  private void drain() {
    if (announced) {
      return;
    }
    announced = true;
    goAway(
        context,
        Integer.MAX_VALUE,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context.newPromise());
    encoder().writePing(context, false, DRAIN_PING, context.newPromise());
    touch();
    context
        .executor()
        .schedule(this::closeToNewStreams, DRAIN_PING_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void closeToNewStreams() {
    if (closing || !context.channel().isActive()) {
      return;
    }
    closing = true;
    goAway(
        context,
        connection().remote().lastStreamCreated(),
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context.newPromise());
    context.flush();
    closeIfDone();
  }

  private void closeIfDone() {
    if (closing && connection().numActiveStreams() == 0) {
      context.flush();
      context.close();
    }
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
    flush(context);
  }

  /** One request and its answer. */
  private final class ServerStream implements DownstreamStream {
    private final Http2Stream stream;
    private @Nullable Exchange exchange;
    private @Nullable ChannelFuture last;
    private @Nullable BodyRate bodyRate;
    private int unconsumed;

    private ServerStream(Http2Stream stream) {
      this.stream = stream;
    }

    private void expectBody(RequestHead head) {
      BodyRate rate = new BodyRate(limits);
      bodyRate = rate;
      rate.begin(DeadlineTimer.now(), head.contentLength() >= 0 && !head.grpc());
      timer.ensure(rate.deadline());
    }

    private void received(int bytes, boolean end) {
      unconsumed += bytes;
      BodyRate rate = bodyRate;
      if (rate != null) {
        rate.received(bytes);
        if (end) {
          rate.end();
        }
      }
    }

    private long expire(Exchange own, long now) {
      BodyRate rate = bodyRate;
      if (rate == null || own.requestEnded()) {
        return own.expire(now);
      }
      if (rate.tooSlow(now, unconsumed > 0)) {
        refuseSlowBody(own, rate);
        return DeadlineTimer.NONE;
      }
      return Math.min(own.expire(now), rate.deadline());
    }

    private void makeRoom(Exchange own, long now) {
      BodyRate rate = bodyRate;
      if (rate != null && !own.requestEnded() && rate.slowSoFar(now, unconsumed > 0)) {
        refuseSlowBody(own, rate);
      }
    }

    private static void refuseSlowBody(Exchange own, BodyRate rate) {
      rate.end();
      own.refuse(408, ResponseFlag.REQUEST_TIMEOUT, "the request's body comes too slowly");
    }

    private void refuse(int status, ResponseFlag flag, String reason, boolean requestEnded) {
      HttpHeaders headers = UncheckedHeaders.create();
      headers.set(HeaderNames.HEDDLE_ERROR, LocalReply.why(flag, reason));
      writeHead(new ResponseHead(HttpResponseStatus.valueOf(status), headers), true);
      if (!requestEnded) {
        resetAfterAnswer();
      }
    }

    @Override
    public void writeInformational(ResponseHead head) {
      writeHead(head, false);
    }

    @Override
    public void writeHead(ResponseHead head, boolean end) {
      write(Http2Mapping.toBlock(head), end);
    }

    @Override
    public void writeTrailers(HttpHeaders trailers) {
      write(Http2Mapping.toBlock(trailers), true);
    }

    private void write(Http2Headers block, boolean end) {
      ChannelFuture written =
          encoder().writeHeaders(context, stream.id(), block, 0, end, context.newPromise());
      if (end) {
        last = written;
      }
      touch();
    }

    @Override
    public void writeData(ByteBuf data, boolean end) {
      controlFrames.earn();
      if (end) {
        last = encoder().writeData(context, stream.id(), data, 0, true, context.newPromise());
      } else {
        dataEncoder.writeMore(context, stream, data);
      }
      touch();
    }

    @Override
    public boolean writable() {
      return encoder().flowController().isWritable(stream);
    }

    @Override
    public void consumed(int bytes) {
      unconsumed -= bytes;
      try {
        if (decoder().flowController().consumeBytes(stream, bytes)) {
          touch();
        }
      } catch (Http2Exception e) {
        onError(context, true, e);
      }
    }

    @Override
    public void abort() {
      reset(Http2Error.INTERNAL_ERROR);
    }

    @Override
    public void finished() {
      Exchange over = exchange;
      if (over != null && !over.requestEnded()) {
        resetAfterAnswer();
      }
    }

    /** The answer is complete before the request: the client is asked to stop (RFC 9113, 8.1). */
    private void resetAfterAnswer() {
      ChannelFuture answer = last;
      if (answer != null) {
        answer.addListener(written -> {
          if (written.isSuccess()) {
            reset(Http2Error.NO_ERROR);
          }
        });
      }
    }

    private void reset(Http2Error error) {
      if (stream.state() != Http2Stream.State.CLOSED) {
        resetStream(context, stream.id(), error.code(), context.newPromise());
        touch();
      }
    }

    @Override
    public Channel detach(ChannelHandler tunnelEnd) {
      throw new UnsupportedOperationException("HTTP/2 has no upgrade");
    }
  }
}
