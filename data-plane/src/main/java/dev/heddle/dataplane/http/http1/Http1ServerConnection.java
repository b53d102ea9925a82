package dev.heddle.dataplane.http.http1;

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
import dev.heddle.dataplane.http.message.Http1RequestScreen;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.Trailers;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.lifecycle.DrainNotice;
import dev.heddle.dataplane.lifecycle.PressureNotice;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/**
 * A client's HTTP/1 connection: one request at a time, in order.
 *
 * <pre>
 *   AwaitingRequest ---head---> Serving ---answer and request complete---> AwaitingRequest
 *         |                        |  |                                        (keep-alive)
 *         | idle, malformed        |  +--101--> Detached (a tunnel owns the channel)
 *         v                        v
 *      Closing <---close, early answer, malformed, drain
 * </pre>
 *
 * <p>Closing sends what is written, then the end of the stream, and takes what the client still
 * sends for a bounded time, so that the answer is not lost to a reset.
 */
public final class Http1ServerConnection extends ChannelInboundHandlerAdapter
    implements DownstreamStream, WriteBatch.Flushable {
  private static final long LINGER_NANOS = 1_000_000_000L;
  private static final int LINGER_BYTES = 1 << 20;

  /**
   * How long an idle connection is kept in a drain, for its client to learn of it and go elsewhere.
   */
  private static final long DRAIN_IDLE_NANOS = 5_000_000_000L;

  private final ExchangeServices services;
  private final WriteBatch batch;
  private final HttpLimits limits;
  private final ConnectionScope scope;
  private final DeadlineTimer timer;
  private final Http1RequestScreen screen;
  private final Http1RequestDecoder decoder;
  private final Http1ResponseEncoder encoder = new Http1ResponseEncoder();
  private final ChannelHandlerContext context;
  private final ArrayDeque<Object> waiting = new ArrayDeque<>(4);
  private final BodyRate bodyRate;
  private final long headersTimeoutNanos;
  private final long idleTimeoutNanos;

  private State state;
  private int waitingRequests;
  private boolean pumping;
  private boolean touched;
  private boolean keepAlive = true;
  private boolean http10;
  private boolean chunked;
  private boolean bodyless;
  private int unconsumed;
  private int lingered;
  private boolean draining;
  private long idleCloseDeadline = DeadlineTimer.NONE;

  private sealed interface State {
    /**
     * Between requests.
     *
     * @param since when it began to wait
     * @param headDeadline set when the first byte of a head has come in
     */
    record AwaitingRequest(long since, long headDeadline) implements State {}

    record Serving(Exchange exchange) implements State {}

    record Closing(long deadline) implements State {}

    record Detached() implements State {}
  }

  private Http1ServerConnection(
      Channel channel,
      ExchangeServices services,
      WriteBatch batch,
      HttpLimits limits,
      ConnectionContext connection,
      TerminalFilter.HttpConnectionManager filter) {
    this.services = services;
    this.batch = batch;
    this.limits = limits;
    this.timer = new DeadlineTimer(channel.eventLoop(), this::expire);
    this.scope = new ConnectionScope(connection, filter, HttpProtocol.HTTP1, timer);
    this.screen = new Http1RequestScreen(limits.maxHeaders(), "http");
    this.decoder = new Http1RequestDecoder(limits);
    this.bodyRate = new BodyRate(limits);
    this.headersTimeoutNanos = filter.requestHeadersTimeout().toNanos();
    this.idleTimeoutNanos = filter.idleTimeout().toNanos();
    this.state = new State.AwaitingRequest(DeadlineTimer.now(), DeadlineTimer.NONE);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(decoder, encoder, this);
    ChannelHandlerContext own = pipeline.context(this);
    if (own == null) {
      throw new IllegalStateException("the channel's pipeline is closed");
    }
    this.context = own;
  }

  /** Puts the codec and the connection into the pipeline. Called on the channel's event loop. */
  public static Http1ServerConnection install(
      Channel channel,
      ExchangeServices services,
      WriteBatch batch,
      HttpLimits limits,
      ConnectionContext connection,
      TerminalFilter.HttpConnectionManager filter) {
    Http1ServerConnection installed =
        new Http1ServerConnection(channel, services, batch, limits, connection, filter);
    installed.timer.ensure(DeadlineTimer.after(DeadlineTimer.now(), installed.idleTimeoutNanos));
    channel.read();
    return installed;
  }

  // ---- what comes in ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (state) {
      case State.Closing _ -> {
        if (message instanceof HttpContent content) {
          lingered += content.content().readableBytes();
        }
        ReferenceCountUtil.release(message);
      }
      case State.AwaitingRequest _, State.Serving _, State.Detached _ -> {
        if (message instanceof HttpRequest) {
          waitingRequests++;
        }
        waiting.add(message);
        pump();
      }
    }
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (true) {
        Object next = waiting.peek();
        if (next == null || (!(next instanceof HttpContent) && state instanceof State.Serving)) {
          break;
        }
        waiting.poll();
        handle(next);
      }
    } finally {
      pumping = false;
    }
    if (waitingRequests > limits.maxPipelinedRequests() && !(state instanceof State.Closing)) {
      // The answers owed so far would have to be finished first; the client broke the bound, so
      // none is.
      abort();
    }
    if (waiting.isEmpty() && state instanceof State.AwaitingRequest) {
      decoder.resume(context.pipeline());
    }
  }

  private void handle(Object message) {
    switch (message) {
      case HttpRequest request -> {
        waitingRequests--;
        begin(request);
      }
      case HttpContent content -> body(content);
      case MalformedMessageException malformed -> refuse(malformed);
      default -> ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    if (!(state instanceof State.AwaitingRequest)) {
      return;
    }
    if (services.memoryIsShort()) {
      answerAndClose(503, ResponseFlag.OVERLOAD, "the proxy is short of memory");
      return;
    }
    RequestHead head;
    try {
      if (request.decoderResult().isFailure()) {
        throw malformed(request.decoderResult().cause());
      }
      head = screen.screen(request);
    } catch (MalformedMessageException e) {
      refuse(e);
      return;
    }
    keepAlive = screen.keepAlive();
    http10 = screen.http10();
    encoder.answersHead(head.method().equals("HEAD"));
    bodyless = head.method().equals("HEAD");
    draining |= scope.lastRequest();
    Exchange exchange = new Exchange(services, scope, this, head);
    state = new State.Serving(exchange);
    if (screen.bodyFollows()) {
      bodyRate.begin(DeadlineTimer.now(), head.contentLength() >= 0 && !head.grpc());
      timer.ensure(bodyRate.deadline());
    } else {
      bodyRate.end();
    }
    exchange.start(!screen.bodyFollows());
  }

  private void body(HttpContent content) {
    if (!(state instanceof State.Serving(Exchange exchange)) || exchange.isOver()) {
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      keepAlive = false;
      exchange.refuse(400, ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, "malformed body");
      return;
    }
    if (exchange.requestEnded()) {
      // The empty content that follows a head without a body.
      content.release();
      return;
    }
    ByteBuf data = content.content();
    bodyRate.received(data.readableBytes());
    if (content instanceof LastHttpContent last) {
      bodyRate.end();
      HttpHeaders trailers = last.trailingHeaders();
      boolean withTrailers = !trailers.isEmpty();
      if (withTrailers) {
        try {
          Trailers.screen(trailers, limits.maxHeaders());
        } catch (MalformedMessageException e) {
          content.release();
          keepAlive = false;
          exchange.refuse(400, ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, e.reason());
          return;
        }
      }
      if (data.isReadable() || !withTrailers) {
        unconsumed += data.readableBytes();
        exchange.requestData(data, !withTrailers);
      } else {
        data.release();
      }
      if (withTrailers && !exchange.isOver()) {
        exchange.requestTrailers(trailers);
      }
    } else {
      unconsumed += data.readableBytes();
      exchange.requestData(data, false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    switch (state) {
      case State.AwaitingRequest awaiting -> watchHead(awaiting);
      case State.Closing _ -> {
        if (lingered > LINGER_BYTES) {
          context.close();
          return;
        }
      }
      case State.Serving _, State.Detached _ -> {}
    }
    readIfWanted();
  }

  private void watchHead(State.AwaitingRequest awaiting) {
    if (awaiting.headDeadline() == DeadlineTimer.NONE && decoder.headBegun()) {
      long deadline = DeadlineTimer.after(DeadlineTimer.now(), headersTimeoutNanos);
      state = new State.AwaitingRequest(awaiting.since(), deadline);
      timer.ensure(deadline);
    }
  }

  private void readIfWanted() {
    if (waiting.isEmpty() && unconsumed == 0 && !decoder.holdsBack()) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && state instanceof State.Serving(Exchange exchange)) {
      exchange.downstreamWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Nothing can be said to the client any more.
    PipelineFailures.log(ctx.channel(), cause);
    ctx.close();
    gone();
  }

  private void gone() {
    State before = state;
    if (before instanceof State.Detached) {
      return;
    }
    timer.stop();
    state = new State.Closing(0);
    if (before instanceof State.Serving(Exchange exchange)) {
      exchange.downstreamFailed(ResponseFlag.DOWNSTREAM_TERMINATION);
    }
    dropWaiting();
  }

  private void dropWaiting() {
    Object message;
    while ((message = waiting.poll()) != null) {
      ReferenceCountUtil.release(message);
    }
    waitingRequests = 0;
  }

  private static MalformedMessageException malformed(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new MalformedMessageException(414, "request line (expected: shorter)");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new MalformedMessageException(431, "headers (expected: shorter)");
    }
    String message = cause.getMessage();
    return MalformedMessageException.badRequest(message == null ? "malformed request" : message);
  }

  /** Answers a request that never became an exchange, and closes. */
  private void refuse(MalformedMessageException malformed) {
    switch (state) {
      case State.AwaitingRequest _ ->
          answerAndClose(
              malformed.status(), ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR, malformed.reason());
      case State.Serving _, State.Closing _, State.Detached _ -> {}
    }
  }

  private void answerAndClose(int status, ResponseFlag flag, String reason) {
    HttpHeaders headers = UncheckedHeaders.create();
    String why = LocalReply.why(flag, reason);
    ByteBuf body = ByteBufUtil.writeAscii(context.alloc(), why + "\n");
    headers.set(HeaderNames.HEDDLE_ERROR, why);
    headers.set(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
    headers.set(HeaderNames.CONTENT_LENGTH, Integer.toString(body.readableBytes()));
    keepAlive = false;
    bodyless = false;
    encoder.answersHead(false);
    writeHead(new ResponseHead(HttpResponseStatus.valueOf(status), headers), false);
    writeData(body, true);
    services.refused(scope, status, flag);
    closeGracefully();
  }

  // ---- what goes out ----

  @Override
  public void writeInformational(ResponseHead head) {
    if (http10) {
      return;
    }
    context.write(
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, head.status(), head.headers()),
        context.voidPromise());
    context.write(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
    touch();
  }

  @Override
  public void writeHead(ResponseHead head, boolean end) {
    HttpHeaders headers = head.headers();
    int code = head.code();
    if (code == 101) {
      headers.set(HeaderNames.CONNECTION, "upgrade");
      context.write(
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, head.status(), headers),
          context.voidPromise());
      touch();
      return;
    }
    boolean noBody = bodyless || head.bodyless();
    chunked = false;
    if (code == 204) {
      headers.remove(HeaderNames.CONTENT_LENGTH);
    } else if (!noBody && !headers.contains(HeaderNames.CONTENT_LENGTH)) {
      if (end) {
        headers.set(HeaderNames.CONTENT_LENGTH, "0");
      } else if (http10) {
        keepAlive = false;
      } else {
        chunked = true;
        headers.set(HeaderNames.TRANSFER_ENCODING, "chunked");
      }
    }
    if (draining || endsBeforeRequest(end)) {
      keepAlive = false;
    }
    if (!keepAlive) {
      headers.set(HeaderNames.CONNECTION, "close");
    } else if (http10) {
      headers.set(HeaderNames.CONNECTION, "keep-alive");
    }
    context.write(
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, head.status(), headers),
        context.voidPromise());
    if (end) {
      context.write(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
    }
    touch();
  }

  /** Then the connection will close behind the answer, which the client has to be told. */
  private boolean endsBeforeRequest(boolean end) {
    return state instanceof State.Serving(Exchange exchange)
        && !exchange.requestEnded()
        && (end || !exchange.relaysAnswer());
  }

  @Override
  public void writeData(ByteBuf data, boolean end) {
    if (data.isReadable()) {
      context.write(data, context.voidPromise());
    } else {
      data.release();
    }
    if (end) {
      context.write(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
    }
    touch();
  }

  @Override
  public void writeTrailers(HttpHeaders trailers) {
    if (chunked) {
      LastHttpContent last = UncheckedHeaders.end(trailers);
      context.write(last, context.voidPromise());
    } else {
      context.write(LastHttpContent.EMPTY_LAST_CONTENT, context.voidPromise());
    }
    touch();
  }

  @Override
  public boolean writable() {
    return context.channel().isWritable();
  }

  @Override
  public void consumed(int bytes) {
    unconsumed -= bytes;
    readIfWanted();
  }

  /** An answer cut short can only be told by closing without its end. */
  @Override
  public void abort() {
    keepAlive = false;
    context.close();
  }

  @Override
  public void finished() {
    if (!(state instanceof State.Serving(Exchange exchange))) {
      return;
    }
    unconsumed = 0;
    boolean complete = exchange.requestEnded();
    if (!keepAlive || !complete) {
      closeGracefully();
      return;
    }
    long now = DeadlineTimer.now();
    state = new State.AwaitingRequest(now, DeadlineTimer.NONE);
    timer.ensure(DeadlineTimer.after(now, idleTimeoutNanos));
    if (!pumping) {
      pump();
      if (state instanceof State.AwaitingRequest awaiting) {
        watchHead(awaiting);
      }
      readIfWanted();
    }
  }

  @Override
  public Channel detach(ChannelHandler tunnelEnd) {
    timer.stop();
    state = new State.Detached();
    ChannelPipeline pipeline = context.pipeline();
    pipeline.addLast(tunnelEnd);
    pipeline.remove(this);
    pipeline.remove(encoder);
    pipeline.remove(decoder);
    return context.channel();
  }

  private void closeGracefully() {
    if (state instanceof State.Closing) {
      return;
    }
    boolean clean = waiting.isEmpty() && !decoder.holdsBytes();
    long deadline = DeadlineTimer.now() + LINGER_NANOS;
    state = new State.Closing(deadline);
    dropWaiting();
    Channel channel = context.channel();
    if (clean || !(channel instanceof DuplexChannel duplex)) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      context
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(flushed -> {
            duplex.shutdownOutput();
            context.read();
          });
      timer.ensure(deadline);
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
    context.channel().flush();
  }

  // ---- time and drain ----

  private long expire(long now) {
    return switch (state) {
      case State.Serving(Exchange exchange) -> {
        if (bodyRate.tooSlow(now, unconsumed > 0)) {
          refuseSlowBody(exchange);
          yield DeadlineTimer.NONE;
        }
        yield Math.min(exchange.expire(now), bodyRate.deadline());
      }
      case State.AwaitingRequest awaiting -> {
        if (now >= awaiting.headDeadline()) {
          answerAndClose(
              408, ResponseFlag.REQUEST_TIMEOUT, "the request's headers did not come in time");
          yield DeadlineTimer.NONE;
        }
        long idle =
            Math.min(DeadlineTimer.after(awaiting.since(), idleTimeoutNanos), idleCloseDeadline);
        if (now >= idle && awaiting.headDeadline() == DeadlineTimer.NONE) {
          closeGracefully();
          yield DeadlineTimer.NONE;
        }
        yield awaiting.headDeadline() == DeadlineTimer.NONE ? idle : awaiting.headDeadline();
      }
      case State.Closing closing -> {
        if (now >= closing.deadline()) {
          context.close();
          yield DeadlineTimer.NONE;
        }
        yield closing.deadline();
      }
      case State.Detached _ -> DeadlineTimer.NONE;
    };
  }

  /**
   * In a drain the next answer says {@code Connection: close}. An idle connection has no answer to
   * say it with, and closing it at once would lose the request that its client may just be sending:
   * it is closed late.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == DrainNotice.INSTANCE) {
      draining = true;
      idleCloseDeadline = DeadlineTimer.now() + DRAIN_IDLE_NANOS;
      timer.ensure(idleCloseDeadline);
    } else if (event == PressureNotice.INSTANCE) {
      makeRoom(DeadlineTimer.now());
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void makeRoom(long now) {
    switch (state) {
      case State.AwaitingRequest awaiting -> {
        if (now - awaiting.since() >= PressureNotice.PATIENCE_NANOS) {
          closeGracefully();
        }
      }
      case State.Serving(Exchange exchange) -> {
        if (!exchange.requestEnded() && bodyRate.slowSoFar(now, unconsumed > 0)) {
          refuseSlowBody(exchange);
        }
      }
      case State.Closing _, State.Detached _ -> {}
    }
  }

  private void refuseSlowBody(Exchange exchange) {
    keepAlive = false;
    bodyRate.end();
    exchange.refuseSlowBody();
  }
}
