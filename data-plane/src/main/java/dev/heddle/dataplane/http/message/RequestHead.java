package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A request without its body, screened: hop-by-hop headers, framing other than Content-Length, Host
 * and Heddle's own headers are gone from {@code headers}; {@code path} is normalized and is what is
 * forwarded.
 *
 * @param authority host and port as the client wrote them; empty for an HTTP/1.0 request without
 *     Host
 * @param path begins with {@code /}, or is {@code *}; with its query
 * @param contentLength in bytes; -1 when not stated
 * @param webSocket whether the client asks to upgrade to WebSocket
 * @param meshSource what {@code heddle-source} said; not to be believed on plaintext; null if
 *     absent
 */
public record RequestHead(
    String method,
    String scheme,
    String authority,
    String path,
    HttpHeaders headers,
    long contentLength,
    boolean webSocket,
    boolean grpc,
    @Nullable String meshSource) {

  /** The length of the path before its query. */
  public int pathLength() {
    int query = path.indexOf('?');
    return query < 0 ? path.length() : query;
  }

  /** The same request for another target. */
  public RequestHead withTarget(String newAuthority, String newPath) {
    return new RequestHead(
        method, scheme, newAuthority, newPath, headers, contentLength, webSocket, grpc, meshSource);
  }

  /**
   * The same request with headers of its own.
   *
   * @param hostSuffix put behind the host's name
   */
  public RequestHead copy(String hostSuffix) {
    int colon = authority.indexOf(':', Math.max(0, authority.indexOf(']')));
    int end = colon < 0 ? authority.length() : colon;
    return new RequestHead(
        method,
        scheme,
        authority.substring(0, end) + hostSuffix + authority.substring(end),
        path,
        headers.copy(),
        contentLength,
        webSocket,
        grpc,
        meshSource);
  }

  /** Whether sending it twice has the effect of sending it once (RFC 9110, 9.2.2). */
  public boolean idempotent() {
    return switch (method) {
      case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
      default -> false;
    };
  }
}
