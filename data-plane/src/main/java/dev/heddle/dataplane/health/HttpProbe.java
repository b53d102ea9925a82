package dev.heddle.dataplane.health;

import dev.heddle.dataplane.config.HealthCheck;
import dev.heddle.dataplane.connection.HttpProtocol;
import dev.heddle.dataplane.http.exchange.UpstreamSource;
import dev.heddle.dataplane.http.exchange.UpstreamStream;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.ResponseHead;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** A request whose answer has an expected status, on a pooled connection. */
final class HttpProbe extends RequestProbe {
  /** Of a body nobody reads. */
  private static final int MAX_BODY = 64 * 1024;

  private final HealthCheck.Probe.Http question;
  private int status;
  private int body;

  HttpProbe(
      ProbedEndpoint picked,
      HealthCheck.Probe.Http question,
      UpstreamSource source,
      Listener listener) {
    super(picked, question.http2() ? HttpProtocol.HTTP2 : HttpProtocol.HTTP1, source, listener);
    this.question = question;
  }

  @Override
  protected void send(UpstreamStream opened) {
    HttpHeaders headers = UncheckedHeaders.create();
    headers.set(HttpHeaderNames.USER_AGENT, USER_AGENT);
    question.headers().forEach(headers::set);
    String host = question.host().isEmpty() ? picked().cluster().name() : question.host();
    opened.writeHead(
        new RequestHead(
            question.method(),
            picked().tls() == null ? "http" : "https",
            host,
            question.path(),
            headers,
            -1,
            false,
            false,
            null),
        true);
  }

  @Override
  public void onHead(ResponseHead head, boolean end) {
    status = head.code();
    if (end) {
      decide();
    }
  }

  @Override
  public void onData(ByteBuf data) {
    int bytes = data.readableBytes();
    data.release();
    body += bytes;
    if (isOver()) {
      return;
    }
    if (body > MAX_BODY) {
      // The status says all; the rest of the body is not worth its transport.
      cancelStream();
      decide();
    } else {
      consumed(bytes);
    }
  }

  @Override
  public void onEnd(@Nullable HttpHeaders trailers) {
    decide();
  }

  private void decide() {
    boolean expected = question.expected().stream().anyMatch(range -> range.contains(status));
    finish(expected ? new Result.Healthy() : new Result.Unhealthy("status " + status, true));
  }
}
