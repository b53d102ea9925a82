package dev.heddle.dataplane.http.ownrequest;

import com.google.protobuf.ByteString;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.trace.SpanTransport.Result;
import dev.heddle.dataplane.upstream.Outcome;
import dev.heddle.dataplane.upstream.PickedEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One export of spans: a unary call of gRPC, or an HTTP request. */
final class ExportCall extends AnsweredRequest<Result> {

  /** Of an answer, which is empty or says in words what was rejected. */
  private static final int MAX_ANSWER = 16 * 1024;

  private static final int FRAME_HEADER = 5;

  private final RequestHead head;
  private final byte[] message;

  ExportCall(
      PickedEndpoint picked,
      HttpProtocol protocol,
      RequestHead head,
      byte[] message,
      Consumer<Result> done) {
    super(picked, protocol, MAX_ANSWER, done);
    this.head = head;
    this.message = message;
  }

  @Override
  Result failed(String reason) {
    return new Result.Failed(reason);
  }

  @Override
  String tooLarge() {
    return "an answer of more than " + MAX_ANSWER + " bytes";
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
      refused(code, end);
    } else if (end) {
      onEnd(response.headers());
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    byte[] received = ByteBufUtil.getBytes(body());
    if (!head.grpc()) {
      finish(new Result.Delivered(ByteString.copyFrom(received)), Outcome.SUCCESS);
      return;
    }
    int status = Grpc.status(trailers);
    if (status != 0) {
      finish(failed("gRPC status " + status), Outcome.ofGrpcStatus(status));
    } else if (received.length < FRAME_HEADER || received[0] != 0) {
      finish(failed("an answer without a message"), Outcome.NEUTRAL);
    } else {
      finish(
          new Result.Delivered(
              ByteString.copyFrom(received, FRAME_HEADER, received.length - FRAME_HEADER)),
          Outcome.SUCCESS);
    }
  }
}
