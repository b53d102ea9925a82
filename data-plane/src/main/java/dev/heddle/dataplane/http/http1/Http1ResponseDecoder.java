package dev.heddle.dataplane.http.http1;

import dev.heddle.dataplane.http.HttpLimits;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;

/** Knows whether the request was HEAD, and whether bytes are left over after an answer. */
final class Http1ResponseDecoder extends HttpResponseDecoder {
  private boolean head;

  Http1ResponseDecoder(HttpLimits limits) {
    super(Http1RequestDecoder.config(limits));
  }

  void answersHead(boolean answersHead) {
    head = answersHead;
  }

  boolean holdsBytes() {
    return actualReadableBytes() > 0;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (head
        && message instanceof HttpResponse response
        && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
      return true;
    }
    return super.isContentAlwaysEmpty(message);
  }
}
