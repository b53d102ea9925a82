package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.telemetry.MirrorOutcome;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sending of one copy. What comes back is dropped. */
final class MirrorAttempt extends TimedRequest {
  private final RequestHead head;
  private final @Nullable HttpHeaders trailers;
  private final Consumer<MirrorOutcome> finished;
  private List<ByteBuf> body;
  private Outcome learnt = Outcome.SUCCESS;

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
    super(picked, protocol);
    this.head = head;
    this.body = body;
    this.trailers = trailers;
    this.finished = finished;
  }

  @Override
  void timedOut() {
    cancelStream();
    finish(MirrorOutcome.TIMEOUT, Outcome.TIMEOUT);
  }

  @Override
  protected void send(UpstreamStream opened) {
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
  public void onHead(ResponseHead answer, boolean end) {
    answered();
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
    consumed(bytes);
  }

  @Override
  public void onEnd(@Nullable HttpHeaders answerTrailers) {
    finish(MirrorOutcome.ANSWERED, learnt);
  }

  @Override
  public void onFailure(UpstreamFailure failure) {
    finish(MirrorOutcome.FAILED, failure.outcome());
  }

  private void finish(MirrorOutcome outcome, Outcome ofEndpoint) {
    if (end(ofEndpoint)) {
      body.forEach(ByteBuf::release);
      body = List.of();
      finished.accept(outcome);
    }
  }
}
