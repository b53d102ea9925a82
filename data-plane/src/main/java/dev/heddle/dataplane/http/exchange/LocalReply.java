package dev.heddle.dataplane.http.exchange;

import dev.heddle.dataplane.http.message.Grpc;
import dev.heddle.dataplane.http.message.HeaderNames;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.telemetry.ResponseFlag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * An answer that the proxy makes itself. It says why in the header {@code heddle-error} (flag code
 * and reason) and in a line of text; a gRPC caller gets a grpc-status.
 *
 * @param grpcStatus what a gRPC caller gets
 * @param flag null for answers that the configuration asks for
 * @param own headers besides; null for none
 */
public record LocalReply(
    int status,
    int grpcStatus,
    @Nullable ResponseFlag flag,
    String reason,
    @Nullable HttpHeaders own) {
  private static final int MAX_REASON = 256;

  public LocalReply(int status, @Nullable ResponseFlag flag, String reason) {
    this(status, Grpc.statusOfHttp(status), flag, reason, null);
  }

  /** Writes it as the whole answer. */
  void writeTo(DownstreamStream stream, boolean head, boolean grpc, boolean undelivered) {
    HttpHeaders headers = UncheckedHeaders.create();
    if (own != null) {
      headers.set(own);
    }
    String text = printable(reason);
    if (flag != null) {
      headers.set(HeaderNames.HEDDLE_ERROR, why(flag, reason));
    }
    if (undelivered) {
      headers.set(HeaderNames.HEDDLE_UNDELIVERED, text);
    }
    if (grpc) {
      headers.set(HeaderNames.CONTENT_TYPE, "application/grpc");
      headers.set(HeaderNames.GRPC_STATUS, Integer.toString(grpcStatus));
      headers.set(HeaderNames.GRPC_MESSAGE, text.replace("%", "%25"));
      stream.writeHead(new ResponseHead(HttpResponseStatus.OK, headers), true);
      return;
    }
    ByteBuf body =
        ByteBufUtil.writeUtf8(
            UnpooledByteBufAllocator.DEFAULT, flag == null ? reason : text + "\n");
    boolean bodyless = head || undelivered || !body.isReadable();
    headers.set(
        HeaderNames.CONTENT_LENGTH, undelivered ? "0" : Integer.toString(body.readableBytes()));
    if (body.isReadable() && !undelivered && !headers.contains(HeaderNames.CONTENT_TYPE)) {
      headers.set(HeaderNames.CONTENT_TYPE, "text/plain");
    }
    stream.writeHead(new ResponseHead(HttpResponseStatus.valueOf(status), headers), bodyless);
    if (bodyless) {
      body.release();
    } else {
      stream.writeData(body, true);
    }
  }

  /** The value of {@code heddle-error}; what of the reason no header may carry becomes blank. */
  public static String why(ResponseFlag flag, String reason) {
    return flag.code() + " " + printable(reason);
  }

  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_REASON));
    for (int i = 0; i < text.length() && i < MAX_REASON; i++) {
      char c = text.charAt(i);
      printable.append(c < ' ' || c >= 0x7f ? ' ' : c);
    }
    return printable.toString().strip();
  }
}
