package dev.heddle.dataplane.http.ownrequest;

import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.filter.KeySetFetcher.Result;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request for a small document, whose answer is kept whole. */
final class DocumentAttempt extends AnsweredRequest<Result> {
  private static final int MAX_BYTES = 256 * 1024;

  private final RequestHead head;

  DocumentAttempt(
      PickedEndpoint picked, HttpProtocol protocol, RequestHead head, Consumer<Result> done) {
    super(picked, protocol, MAX_BYTES, done);
    this.head = head;
  }

  @Override
  Result failed(String reason) {
    return new Result.Failure(reason);
  }

  @Override
  String tooLarge() {
    return "more than " + MAX_BYTES + " bytes";
  }

  @Override
  protected void send(UpstreamStream opened) {
    opened.writeHead(head, true);
  }

  @Override
  public void onHead(ResponseHead answer, boolean end) {
    if (answer.code() != 200) {
      refused(answer.code(), end);
    } else if (end) {
      finish(failed("an empty answer"), Outcome.SUCCESS);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    finish(new Result.Body(body().toString(StandardCharsets.UTF_8)), Outcome.SUCCESS);
  }
}
