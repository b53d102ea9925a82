package dev.heddle.dataplane.http.http1;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/**
 * Knows whether the request was HEAD, so that a Content-Length does not make it wait for a body.
 */
final class Http1ResponseEncoder extends HttpResponseEncoder {
  private boolean head;

  void answersHead(boolean answersHead) {
    head = answersHead;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return head || super.isContentAlwaysEmpty(response);
  }

  @Override
  protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean isAlwaysEmpty) {
    // The headers are already what they must be; Content-Length of an answer to HEAD stays.
  }
}
