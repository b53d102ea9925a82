package dev.heddle.dataplane.http.http1;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Knows whether the request was HEAD, so that a Content-Length does not make it wait for a body. An
 * answer of status 205 is framed like any other (RFC 9112, 6.3): to drop its body and keep its
 * length would let the client take the next answer for it.
 */
final class Http1ResponseEncoder extends HttpResponseEncoder {
  private boolean head;

  void answersHead(boolean answersHead) {
    head = answersHead;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return head
        || (response.status().code() != HttpResponseStatus.RESET_CONTENT.code()
            && super.isContentAlwaysEmpty(response));
  }

  @Override
  protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {
    // The headers are already what they must be; Content-Length of an answer to HEAD stays.
  }
}
