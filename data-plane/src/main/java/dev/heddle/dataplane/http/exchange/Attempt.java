package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.tracing.AttemptSpan;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One try to get an answer from one endpoint. Once it is closed nothing of it reaches the exchange.
 */
final class Attempt implements UpstreamConsumer {
  private final Exchange exchange;
  private final Forwarding forwarding;
  private final PickedEndpoint picked;
  private final HttpProtocol protocol;
  private final boolean fresh;
  private final long startNanos;
  private final @Nullable AttemptSpan span;
  private long firstByteNanos = -1;
  private boolean closed;

  Attempt(
      Exchange exchange,
      Forwarding forwarding,
      PickedEndpoint picked,
      HttpProtocol protocol,
      boolean fresh,
      long startNanos,
      @Nullable AttemptSpan span) {
    this.exchange = exchange;
    this.forwarding = forwarding;
    this.picked = picked;
    this.protocol = protocol;
    this.fresh = fresh;
    this.startNanos = startNanos;
    this.span = span;
  }

  /** What it is a part of. */
  Forwarding forwarding() {
    return forwarding;
  }

  @Override
  public PickedEndpoint picked() {
    return picked;
  }

  @Override
  public HttpProtocol protocol() {
    return protocol;
  }

  @Override
  public boolean freshConnection() {
    return fresh;
  }

  @Override
  public boolean abandoned() {
    return closed;
  }

  /**
   * Ends the load that the endpoint has from this attempt. Further calls do nothing.
   *
   * @param outcome what is learnt of the endpoint
   */
  void close(Outcome outcome) {
    if (!closed) {
      closed = true;
      picked.finished(firstByteNanos < 0 ? -1 : firstByteNanos - startNanos, outcome);
      if (span != null) {
        span.end();
      }
    }
  }

  /** Before the request is written. */
  void traceRequest() {
    if (span != null) {
      span.inject(protocol);
    }
  }

  void traceAnswer(int status) {
    if (span != null) {
      span.answered(status);
    }
  }

  void traceFailure(UpstreamFailure failure) {
    if (span != null) {
      span.failed(failure.flag().code(), failure.reason());
    }
  }

  /** The server, not its proxy, has begun to answer. */
  void answered(long nanos) {
    firstByteNanos = nanos;
  }

  @Override
  public void onStream(UpstreamStream stream) {
    if (closed) {
      stream.cancel();
    } else {
      exchange.connected(this, stream);
    }
  }

  @Override
  public void onInformational(ResponseHead head) {
    if (!closed) {
      exchange.informational(head);
    }
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    if (!closed) {
      exchange.responseHead(this, head, end);
    }
  }

  @Override
  public void onData(ByteBuf data) {
    if (closed) {
      data.release();
    } else {
      exchange.responseData(data);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    if (!closed) {
      exchange.responseEnd(trailers);
    }
  }

  @Override
  public void onWritable() {
    if (!closed) {
      exchange.upstreamWritable();
    }
  }

  @Override
  public void onFailure(UpstreamFailure failure) {
    if (!closed) {
      exchange.attemptFailed(this, failure);
    }
  }
}
