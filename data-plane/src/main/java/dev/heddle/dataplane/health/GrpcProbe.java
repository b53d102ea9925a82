package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Asks the health service of gRPC (grpc.health.v1.Health/Check), which must say SERVING. */
final class GrpcProbe extends RequestProbe {
  private static final String PATH = "/grpc.health.v1.Health/Check";

  /** Of an answer; a HealthCheckResponse has two bytes. */
  private static final int MAX_ANSWER = 1024;

  private static final int FRAME_HEADER = 5;
  private static final int FIELD_SERVICE = 0x0a;
  private static final int FIELD_STATUS = 0x08;
  private static final int SERVING = 1;

  private final HealthCheck.Probe.Grpc question;
  private final ByteBuf answer = Unpooled.buffer(16, MAX_ANSWER);

  GrpcProbe(
      ProbedEndpoint picked,
      HealthCheck.Probe.Grpc question,
      UpstreamSource source,
      Listener listener) {
    super(picked, HttpProtocol.HTTP2, source, listener);
    this.question = question;
  }

  @Override
  protected void send(UpstreamStream opened) {
    HttpHeaders headers = UncheckedHeaders.create();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "application/grpc");
    headers.set(HttpHeaderNames.TE, "trailers");
    headers.set(HttpHeaderNames.USER_AGENT, USER_AGENT);
    opened.writeHead(
        new RequestHead(
            "POST",
            picked().tls() == null ? "http" : "https",
            question.authority().isEmpty() ? picked().cluster().name() : question.authority(),
            PATH,
            headers,
            -1,
            false,
            true,
            null),
        false);
    opened.writeData(request(question.service()), true);
  }

  /** A HealthCheckRequest in a frame of gRPC, not compressed. */
  private static ByteBuf request(String service) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    ByteBuf message = Unpooled.buffer(name.length + 6);
    if (name.length > 0) {
      message.writeByte(FIELD_SERVICE);
      int left = name.length;
      while (left > 0x7f) {
        message.writeByte((left & 0x7f) | 0x80);
        left >>>= 7;
      }
      message.writeByte(left);
      message.writeBytes(name);
    }
    ByteBuf frame = Unpooled.buffer(FRAME_HEADER + message.readableBytes());
    return frame.writeByte(0).writeInt(message.readableBytes()).writeBytes(message);
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    if (head.code() != 200) {
      fail("status " + head.code());
    } else if (end) {
      fail("gRPC status " + Grpc.status(head.headers()));
    }
  }

  @Override
  public void onData(ByteBuf data) {
    if (!keep(data, answer)) {
      fail("an answer of more than " + MAX_ANSWER + " bytes");
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    int status = trailers == null ? -1 : Grpc.status(trailers);
    if (status != 0) {
      finish(new Result.Unhealthy("gRPC status " + status, true));
    } else {
      finish(
          serving(answer)
              ? new Result.Healthy()
              : new Result.Unhealthy("the answer is not SERVING", true));
    }
  }

  /** The first field of a HealthCheckResponse, the only one it has. */
  private static boolean serving(ByteBuf frame) {
    return frame.readableBytes() >= FRAME_HEADER + 2
        && frame.getByte(0) == 0
        && frame.getByte(FRAME_HEADER) == FIELD_STATUS
        && frame.getByte(FRAME_HEADER + 1) == SERVING;
  }
}
