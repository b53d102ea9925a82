package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.filter.KeySetFetcher.Result;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request for a small document, whose answer is kept whole. */
final class DocumentAttempt extends TimedRequest {
  private static final int MAX_BYTES = 256 * 1024;

  private final RequestHead head;
  private final Consumer<Result> done;
  private final ByteArrayOutputStream document = new ByteArrayOutputStream();

  DocumentAttempt(
      PickedEndpoint picked, HttpProtocol protocol, RequestHead head, Consumer<Result> done) {
    super(picked, protocol);
    this.head = head;
    this.done = done;
  }

  @Override
  void timedOut() {
    giveUp("no answer in time", Outcome.TIMEOUT);
  }

  @Override
  protected void send(UpstreamStream opened) {
    opened.writeHead(head, true);
  }

  @Override
  public void onHead(ResponseHead answer, boolean end) {
    if (answer.code() != 200) {
      if (end) {
        finish(new Result.Failure("status " + answer.code()), Outcome.ofStatus(answer.code()));
      } else {
        giveUp("status " + answer.code(), Outcome.ofStatus(answer.code()));
      }
    } else if (end) {
      finish(new Result.Failure("an empty answer"), Outcome.SUCCESS);
    }
  }

  @Override
  public void onData(ByteBuf data) {
    int bytes = data.readableBytes();
    for (int i = 0; i < bytes && !isOver(); i++) {
      document.write(data.readByte());
    }
    data.release();
    if (isOver()) {
      return;
    }
    if (document.size() > MAX_BYTES) {
      giveUp("more than " + MAX_BYTES + " bytes", Outcome.NEUTRAL);
    } else {
      consumed(bytes);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    finish(new Result.Body(document.toString(StandardCharsets.UTF_8)), Outcome.SUCCESS);
  }

  @Override
  public void onFailure(UpstreamFailure failure) {
    finish(new Result.Failure(failure.reason()), failure.outcome());
  }

  private void giveUp(String reason, Outcome outcome) {
    cancelStream();
    finish(new Result.Failure(reason), outcome);
  }

  private void finish(Result result, Outcome outcome) {
    if (end(outcome)) {
      done.accept(result);
    }
  }
}
