package dev.heddle.dataplane.http.ownrequest;

import com.google.protobuf.ByteString;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamFailure;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.trace.SpanTransport.Result;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One export of spans: a unary call of gRPC, or an HTTP request. */
final class ExportCall extends TimedRequest {

  /** Of an answer, which is empty or says in words what was rejected. */
  private static final int MAX_ANSWER = 16 * 1024;

  private static final int FRAME_HEADER = 5;

  private final RequestHead head;
  private final byte[] message;
  private final Consumer<Result> done;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream(0);

  ExportCall(
      PickedEndpoint picked,
      HttpProtocol protocol,
      RequestHead head,
      byte[] message,
      Consumer<Result> done) {
    super(picked, protocol);
    this.head = head;
    this.message = message;
    this.done = done;
  }

  @Override
  void timedOut() {
    giveUp("no answer in time", Outcome.TIMEOUT);
  }

  @Override
  protected void send(UpstreamStream opened) {
    opened.writeHead(head, false);
    ByteBuf body = Unpooled.wrappedBuffer(message);
    opened.writeData(head.grpc() ? Unpooled.wrappedBuffer(frameHeader(), body) : body, true);
  }

  /** Of a message that is not compressed. */
  private ByteBuf frameHeader() {
    return Unpooled.buffer(FRAME_HEADER).writeByte(0).writeInt(message.length);
  }

  @Override
  public void onHead(ResponseHead response, boolean end) {
    int code = response.code();
    if (code < 200 || code > 299) {
      if (end) {
        finish(new Result.Failed("status " + code), Outcome.ofStatus(code));
      } else {
        giveUp("status " + code, Outcome.ofStatus(code));
      }
    } else if (end) {
      onEnd(response.headers());
    }
  }

  @Override
  public void onData(ByteBuf data) {
    int bytes = data.readableBytes();
    boolean fits = bytes <= MAX_ANSWER - answer.size();
    if (fits && !isOver()) {
      try {
        data.readBytes(answer, bytes);
      } catch (IOException e) {
        throw new UncheckedIOException("An array cannot be written to", e);
      }
    }
    data.release();
    if (isOver()) {
      return;
    }
    if (fits) {
      consumed(bytes);
    } else {
      giveUp("an answer of more than " + MAX_ANSWER + " bytes", Outcome.NEUTRAL);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    byte[] received = answer.toByteArray();
    if (!head.grpc()) {
      finish(new Result.Delivered(ByteString.copyFrom(received)), Outcome.SUCCESS);
      return;
    }
    int status = Grpc.status(trailers);
    if (status != 0) {
      finish(new Result.Failed("gRPC status " + status), Outcome.ofGrpcStatus(status));
    } else if (received.length < FRAME_HEADER || received[0] != 0) {
      finish(new Result.Failed("an answer without a message"), Outcome.NEUTRAL);
    } else {
      finish(
          new Result.Delivered(
              ByteString.copyFrom(received, FRAME_HEADER, received.length - FRAME_HEADER)),
          Outcome.SUCCESS);
    }
  }

  @Override
  public void onFailure(UpstreamFailure failure) {
    finish(new Result.Failed(failure.reason()), failure.outcome());
  }

  private void giveUp(String reason, Outcome outcome) {
    cancelStream();
    finish(new Result.Failed(reason), outcome);
  }

  private void finish(Result result, Outcome outcome) {
    if (end(outcome)) {
      done.accept(result);
    }
  }
}
