package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/** One whose answer is kept whole, and whose result somebody waits for. */
abstract class AnsweredRequest<R> extends TimedRequest {
  private final Consumer<R> done;
  private final ByteBuf body;

  AnsweredRequest(PickedEndpoint picked, HttpProtocol protocol, int maxBytes, Consumer<R> done) {
    super(picked, protocol);
    this.done = done;
    this.body = Unpooled.buffer(0, maxBytes);
  }

  /** The result when there is no answer that is worth anything. */
  abstract R failed(String reason);

  /** Why an answer beyond the bound is none. */
  abstract String tooLarge();

  /** What has arrived of the answer. */
  final ByteBuf body() {
    return body;
  }

  @Override
  public final void onData(ByteBuf data) {
    if (!keep(data, body)) {
      giveUp(tooLarge(), Outcome.NEUTRAL);
    }
  }

  @Override
  public final void onFailure(UpstreamFailure failure) {
    finish(failed(failure.reason()), failure.outcome());
  }

  @Override
  final void timedOut() {
    giveUp("no answer in time", Outcome.TIMEOUT);
  }

  /** An answer of another status than asked for. */
  final void refused(int status, boolean end) {
    if (!end) {
      cancelStream();
    }
    finish(failed("status " + status), Outcome.ofStatus(status));
  }

  final void finish(R result, Outcome outcome) {
    if (end(outcome)) {
      done.accept(result);
    }
  }

  private void giveUp(String reason, Outcome outcome) {
    cancelStream();
    finish(failed(reason), outcome);
  }
}
