package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A response without its body, screened: hop-by-hop headers and framing other than Content-Length
 * are gone from {@code headers}.
 */
public record ResponseHead(HttpResponseStatus status, HttpHeaders headers) {

  public int code() {
    return status.code();
  }

  public boolean informational() {
    return status.code() < 200;
  }

  /** Whether the status forbids a body (RFC 9112, 6.3). */
  public boolean bodyless() {
    int code = status.code();
    return code < 200 || code == 204 || code == 304;
  }
}
