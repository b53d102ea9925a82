package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.HttpLimits;
import dev.heddle.dataplane.http.exchange.DeadlineTimer;
import dev.heddle.dataplane.http.exchange.PipelineFailures;
import dev.heddle.dataplane.http.exchange.UpstreamConsumer;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.exchange.WriteBatch;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.Http1ResponseScreen;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.Trailers;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * A connection to an endpoint that carries one request at a time.
 *
 * <pre>
 *   Idle ---use---> Busy ---request and answer complete, nothing left over---> Idle
 *    |               |
 *    | closed, bytes | cancelled, closed, ambiguous, "Connection: close"
 *    v               v
 *   Closed        Closed
 * </pre>
 *
 * <p>While idle a read is outstanding, so that a connection which the server closed is known before
 * it is used again.
 */
public final class Http1ClientConnection extends ChannelInboundHandlerAdapter
    implements UpstreamStream, WriteBatch.Flushable {
  private final Owner owner;
  private final WriteBatch batch;
  private final boolean mesh;
  private final Http1ResponseDecoder decoder;
  private final HttpRequestEncoder encoder = new HttpRequestEncoder();
  private final Http1ResponseScreen screen;
  private final int maxHeaders;
  private final int maxInterimAnswers;
  private final ChannelHandlerContext context;
  private final long bornNanos = DeadlineTimer.now();

  private State state = State.Idle.NOW;
  private long idleSince = bornNanos;
  private boolean used;
  private int carried;
  private boolean touched;
  private boolean written;
  private boolean head;
  private boolean webSocket;
  private boolean chunkedRequest;
  private boolean ambiguous;
  private boolean requestEnded;
  private boolean headRead;
  private boolean informational;
  private int interimAnswers;
  private boolean bodyless;
  private boolean answerEnded;
  private boolean reusable;
  private int unconsumed;

  /** Who pools the connection. */
  public interface Owner {
    /** The connection may be used again. */
    void idle(Http1ClientConnection connection);

    /** The connection will not be used again; called once. */
    void closed(Http1ClientConnection connection);
  }

  private sealed interface State {
    record Idle() implements State {
      static final Idle NOW = new Idle();
    }

    record Busy(UpstreamConsumer consumer) implements State {}

    record Closed() implements State {
      static final Closed NOW = new Closed();
    }
  }

  /**
   * Puts the codec and the connection into the pipeline. Called on the channel's event loop.
   *
   * @param mesh whether the endpoint proved to be of the mesh, so that its proxy's headers are
   *     believed
   */
  public Http1ClientConnection(
      Channel channel, Owner owner, WriteBatch batch, HttpLimits limits, boolean mesh) {
    this.owner = owner;
    this.batch = batch;
    this.mesh = mesh;
    this.decoder = new Http1ResponseDecoder(limits);
    this.screen = new Http1ResponseScreen(limits.maxHeaders());
    this.maxHeaders = limits.maxHeaders();
    this.maxInterimAnswers = limits.maxInterimAnswers();
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(decoder, encoder, this);
    ChannelHandlerContext own = pipeline.context(this);
    if (own == null) {
      throw new IllegalStateException("the channel's pipeline is closed");
    }
    this.context = own;
    own.read();
  }

  public boolean usable() {
    return state instanceof State.Idle && context.channel().isActive();
  }

  public long bornNanos() {
    return bornNanos;
  }

  public long idleSince() {
    return idleSince;
  }

  /** How many requests it has carried. */
  public int carried() {
    return carried;
  }

  /** Carries a request; only while {@link #usable}. */
  public void use(UpstreamConsumer consumer) {
    state = new State.Busy(consumer);
    carried++;
    written = false;
    requestEnded = false;
    headRead = false;
    informational = false;
    interimAnswers = 0;
    bodyless = false;
    answerEnded = false;
    reusable = false;
    ambiguous = false;
    unconsumed = 0;
    decoder.answerAwaited();
    context.read();
    consumer.onStream(this);
  }

  /** Closes an idle connection. */
  public void closeIdle() {
    if (state instanceof State.Idle) {
      close();
    }
  }

  // ---- request ----

  @Override
  public void writeHead(RequestHead request, boolean end) {
    head = request.method().equals("HEAD");
    webSocket = request.webSocket();
    decoder.answersHead(head);
    HttpHeaders headers = request.headers();
    headers.set(HeaderNames.HOST, request.authority());
    if (webSocket) {
      headers.set(HeaderNames.CONNECTION, "upgrade");
      headers.set(HeaderNames.UPGRADE, "websocket");
    } else if (headers.contains(HeaderNames.TE)) {
      headers.set(HeaderNames.CONNECTION, HeaderNames.TE);
    }
    chunkedRequest = !end && request.contentLength() < 0;
    ambiguous = !end && !mesh && !givesBodiesMeaning(request.method());
    if (chunkedRequest) {
      headers.set(HeaderNames.TRANSFER_ENCODING, "chunked");
    } else {
      headers.remove(HeaderNames.TRANSFER_ENCODING);
      if (end && request.contentLength() < 0 && wantsLength(request.method())) {
        headers.set(HeaderNames.CONTENT_LENGTH, "0");
      }
    }
    HttpMethod method = HttpMethod.valueOf(request.method());
    if (end) {
      // One write to the socket instead of two, of which one is empty.
      endRequest(
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1,
              method,
              request.path(),
              Unpooled.EMPTY_BUFFER,
              headers,
              EmptyHttpHeaders.INSTANCE));
    } else {
      context.write(
          new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, request.path(), headers),
          context.voidPromise());
    }
    touch();
  }

  /**
   * A server may take no notice of a body that the method gives no meaning, and then reads it as
   * the next request (RFC 9110, 9.3.1): nobody's request may come behind it.
   */
  private static boolean givesBodiesMeaning(String method) {
    return switch (method) {
      case "GET", "HEAD", "DELETE", "OPTIONS", "TRACE" -> false;
      default -> true;
    };
  }

  private static boolean wantsLength(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  @Override
  public void writeData(ByteBuf data, boolean end) {
    if (data.isReadable()) {
      context.write(data, context.voidPromise());
    } else {
      data.release();
    }
    if (end) {
      endRequest(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    touch();
  }

  @Override
  public void writeTrailers(HttpHeaders trailers) {
    if (chunkedRequest) {
      LastHttpContent last = UncheckedHeaders.end(trailers);
      endRequest(last);
    } else {
      endRequest(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    touch();
  }

  private void endRequest(LastHttpContent last) {
    requestEnded = true;
    context.write(last, context.voidPromise());
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

  @Override
  public void cancel() {
    close();
  }

  @Override
  public Channel detach(ChannelHandler tunnelEnd) {
    state = State.Closed.NOW;
    owner.closed(this);
    ChannelPipeline pipeline = context.pipeline();
    pipeline.addLast(tunnelEnd);
    pipeline.remove(this);
    pipeline.remove(encoder);
    pipeline.remove(decoder);
    return context.channel();
  }

  // ---- answer ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(state instanceof State.Busy(UpstreamConsumer consumer)) || answerEnded) {
      // Bytes that no request asked for: whatever they mean, nobody may get them as an answer.
      ReferenceCountUtil.release(message);
      if (!(state instanceof State.Closed)) {
        reusable = false;
        if (state instanceof State.Idle) {
          close();
        }
      }
      return;
    }
    switch (message) {
      case HttpResponse response -> readHead(consumer, response);
      case HttpContent content -> readContent(consumer, content);
      default -> ReferenceCountUtil.release(message);
    }
  }

  private void readHead(UpstreamConsumer consumer, HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      Throwable cause = response.decoderResult().cause();
      if (cause instanceof PrematureChannelClosureException) {
        fail(consumer, new UpstreamFailure.Closed(true, false));
      } else {
        fail(consumer, new UpstreamFailure.Malformed("the server's answer is malformed"));
      }
      return;
    }
    ResponseHead answer;
    try {
      answer = screen.screen(response, head, webSocket, mesh);
    } catch (MalformedMessageException e) {
      fail(consumer, new UpstreamFailure.Malformed(e.reason()));
      return;
    }
    if (answer.code() == 101) {
      answer.headers().set(HeaderNames.UPGRADE, "websocket");
      consumer.onHead(answer, false);
      return;
    }
    informational = answer.informational();
    if (informational) {
      if (++interimAnswers > maxInterimAnswers) {
        fail(consumer, new UpstreamFailure.Malformed("the server sent interim answers only"));
        return;
      }
      consumer.onInformational(answer);
      return;
    }
    headRead = true;
    reusable = screen.keepAlive();
    bodyless = !screen.bodyFollows();
    consumer.onHead(answer, bodyless);
  }

  private void readContent(UpstreamConsumer consumer, HttpContent content) {
    if (informational) {
      informational = !(content instanceof LastHttpContent);
      content.release();
      return;
    }
    if (bodyless) {
      if (content instanceof LastHttpContent) {
        answerEnded();
      }
      content.release();
      return;
    }
    if (content.decoderResult().isFailure()) {
      content.release();
      fail(consumer, new UpstreamFailure.Malformed("the server's answer has a malformed body"));
      return;
    }
    HttpHeaders trailers = null;
    boolean last = false;
    if (content instanceof LastHttpContent end) {
      last = true;
      trailers = end.trailingHeaders();
      if (!trailers.isEmpty()) {
        try {
          Trailers.screen(trailers, maxHeaders);
        } catch (MalformedMessageException e) {
          content.release();
          fail(consumer, new UpstreamFailure.Malformed(e.reason()));
          return;
        }
      }
    }
    ByteBuf data = content.content();
    if (data.isReadable()) {
      unconsumed += data.readableBytes();
      consumer.onData(data);
    } else {
      content.release();
    }
    if (last && state instanceof State.Busy) {
      answerEnded();
      consumer.onEnd(trailers);
    }
  }

  private void answerEnded() {
    answerEnded = true;
    decoder.answerEnded();
  }

  /**
   * The answer's end is only trusted when nothing is left over behind it, and nothing follows: what
   * an idle connection brings would become the beginning of somebody else's answer.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (state instanceof State.Idle && decoder.surplus()) {
      close();
      return;
    }
    if (state instanceof State.Busy && answerEnded) {
      if (reusable
          && requestEnded
          && !ambiguous
          && !decoder.surplus()
          && context.channel().isActive()) {
        state = State.Idle.NOW;
        used = true;
        idleSince = DeadlineTimer.now();
        unconsumed = 0;
        owner.idle(this);
      } else {
        close();
        return;
      }
    }
    readIfWanted();
  }

  private void readIfWanted() {
    if (unconsumed == 0 && !(state instanceof State.Closed)) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable() && state instanceof State.Busy(UpstreamConsumer consumer)) {
      consumer.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    PipelineFailures.log(ctx.channel(), cause);
    gone();
    ctx.close();
  }

  private void gone() {
    if (state instanceof State.Busy(UpstreamConsumer consumer) && !answerEnded) {
      fail(consumer, new UpstreamFailure.Closed(written || headRead, used));
    } else {
      close();
    }
  }

  private void fail(UpstreamConsumer consumer, UpstreamFailure failure) {
    close();
    consumer.onFailure(failure);
  }

  private void close() {
    if (state instanceof State.Closed) {
      return;
    }
    state = State.Closed.NOW;
    context.close();
    owner.closed(this);
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
    if (state instanceof State.Busy) {
      written = true;
    }
    context.channel().flush();
  }

  @Override
  public String toString() {
    return "Http1ClientConnection["
        + context.channel()
        + ", "
        + state.getClass().getSimpleName()
        + "]";
  }
}
