package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.telemetry.MirrorOutcome;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sending of one copy. What comes back is dropped. */
final class MirrorAttempt implements UpstreamConsumer {
  private final PickedEndpoint picked;
  private final HttpProtocol protocol;
  private final RequestHead head;
  private final @Nullable HttpHeaders trailers;
  private final Consumer<MirrorOutcome> finished;
  private final long startNanos = DeadlineTimer.now();
  private List<ByteBuf> body;
  private @Nullable UpstreamStream stream;
  private @Nullable Future<?> timeout;
  private long firstByteNanos = -1;
  private Outcome learnt = Outcome.SUCCESS;
  private boolean over;

  /**
   * Makes one.
   *
   * @param body owned
   * @param finished told once
   */
  MirrorAttempt(
      PickedEndpoint picked,
      HttpProtocol protocol,
      RequestHead head,
      List<ByteBuf> body,
      @Nullable HttpHeaders trailers,
      Consumer<MirrorOutcome> finished) {
    this.picked = picked;
    this.protocol = protocol;
    this.head = head;
    this.body = body;
    this.trailers = trailers;
    this.finished = finished;
  }

  /** Is cancelled at the end. */
  void bound(Future<?> atTimeout) {
    timeout = atTimeout;
  }

  void timedOut() {
    UpstreamStream sent = stream;
    if (!over && sent != null) {
      sent.cancel();
    }
    finish(MirrorOutcome.TIMEOUT, Outcome.TIMEOUT);
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
    return false;
  }

  @Override
  public boolean abandoned() {
    return over;
  }

  @Override
  public void onStream(UpstreamStream opened) {
    if (over) {
      opened.cancel();
      return;
    }
    stream = opened;
    boolean bare = body.isEmpty() && trailers == null;
    opened.writeHead(head, bare);
    List<ByteBuf> data = body;
    body = List.of();
    for (int i = 0; i < data.size(); i++) {
      opened.writeData(data.get(i), i == data.size() - 1 && trailers == null);
    }
    if (trailers != null) {
      opened.writeTrailers(trailers);
    }
  }

  @Override
  public void onInformational(ResponseHead informational) {}

  @Override
  public void onHead(ResponseHead answer, boolean end) {
    if (!over && firstByteNanos < 0) {
      firstByteNanos = DeadlineTimer.now();
    }
    learnt = Outcome.ofStatus(answer.code());
    if (end) {
      finish(MirrorOutcome.ANSWERED, learnt);
    } else if (answer.code() == 101) {
      timedOut();
    }
  }

  @Override
  public void onData(ByteBuf data) {
    int bytes = data.readableBytes();
    data.release();
    UpstreamStream sent = stream;
    if (sent != null) {
      sent.consumed(bytes);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders answerTrailers) {
    finish(MirrorOutcome.ANSWERED, learnt);
  }

  @Override
  public void onWritable() {}

  @Override
  public void onFailure(UpstreamFailure failure) {
    finish(MirrorOutcome.FAILED, failure.outcome());
  }

  private void finish(MirrorOutcome outcome, Outcome ofEndpoint) {
    if (over) {
      return;
    }
    over = true;
    body.forEach(ByteBuf::release);
    body = List.of();
    Future<?> atTimeout = timeout;
    if (atTimeout != null) {
      atTimeout.cancel(false);
    }
    picked.finished(firstByteNanos < 0 ? -1 : firstByteNanos - startNanos, ofEndpoint);
    finished.accept(outcome);
  }
}
