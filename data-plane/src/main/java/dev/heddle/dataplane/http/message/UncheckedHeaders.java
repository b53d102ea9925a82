package dev.heddle.dataplane.http.message;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.LastHttpContent;

/**
 * Headers without the codec's checks, because {@link Characters} has checked or will check them,
 * once.
 */
public final class UncheckedHeaders {
  public static final HttpHeadersFactory FACTORY =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false);

  private UncheckedHeaders() {}

  public static HttpHeaders create() {
    return FACTORY.newHeaders();
  }

  /** The end of a message with screened trailers. */
  public static LastHttpContent end(HttpHeaders trailers) {
    LastHttpContent end = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, FACTORY);
    end.trailingHeaders().set(trailers);
    return end;
  }
}
