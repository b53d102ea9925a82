package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;

/**
 * Decides whether an HTTP/1 response is unambiguous and turns it into a {@link ResponseHead}. One
 * per connection; what it found besides is read before the next call.
 */
public final class Http1ResponseScreen {
  private final int maxHeaders;

  private boolean keepAlive;
  private boolean bodyFollows;

  // What one pass over the headers finds.
  private boolean chunked;
  private long contentLength;
  private boolean connectionSeen;
  private boolean removable;
  private boolean ownHeaders;

  /**
   * Makes the screen of one connection.
   *
   * @param maxHeaders bound on the number of header lines
   */
  public Http1ResponseScreen(int maxHeaders) {
    this.maxHeaders = maxHeaders;
  }

  /**
   * Whether the server lets the connection live after this response, and says where the response
   * ends.
   */
  public boolean keepAlive() {
    return keepAlive;
  }

  /** Whether anything follows the head. */
  public boolean bodyFollows() {
    return bodyFollows;
  }

  /**
   * The head to pass on.
   *
   * @param head whether the request was HEAD
   * @param webSocket whether the request asked for WebSocket; only then may the status be 101
   * @param mesh whether the server proved to be a proxy of the mesh; only then are its own headers
   *     kept
   */
  public ResponseHead screen(HttpResponse response, boolean head, boolean webSocket, boolean mesh)
      throws MalformedMessageException {
    HttpVersion version = response.protocolVersion();
    boolean http10 = version.equals(HttpVersion.HTTP_1_0);
    if (!http10 && !version.equals(HttpVersion.HTTP_1_1)) {
      throw malformed("version");
    }
    int status = response.status().code();
    if (status < 100 || status > 999 || (status == 101 && !webSocket)) {
      throw malformed("status " + status);
    }
    if (!Characters.isHeaderValue(response.status().reasonPhrase())) {
      throw malformed("reason phrase");
    }
    HttpHeaders headers = response.headers();
    if (headers.size() > maxHeaders) {
      throw malformed("number of headers: " + headers.size());
    }
    scan(headers);
    if (chunked && contentLength >= 0) {
      throw malformed("Content-Length beside Transfer-Encoding");
    }
    if (status < 200 && (chunked || contentLength >= 0)) {
      // There is no body (RFC 9110, 8.6), and yet somebody could read the next answer as one.
      throw malformed("length of an informational answer");
    }
    int connection = connectionSeen ? removeConnection(headers) : 0;
    boolean bodyless = head || status < 200 || status == 204 || status == 304;
    bodyFollows = !bodyless && contentLength != 0;
    keepAlive =
        (connection & HopByHop.CLOSE) == 0
            && (!http10 || (connection & HopByHop.KEEP_ALIVE) != 0)
            && (bodyless || chunked || contentLength >= 0);
    if (removable) {
      headers.remove(HeaderNames.KEEP_ALIVE);
      headers.remove(HeaderNames.PROXY_CONNECTION);
      headers.remove(HeaderNames.TRANSFER_ENCODING);
      headers.remove(HeaderNames.UPGRADE);
    }
    if (ownHeaders && !mesh) {
      OwnHeaders.remove(headers);
    }
    return new ResponseHead(response.status(), headers);
  }

  private void scan(HttpHeaders headers) throws MalformedMessageException {
    chunked = false;
    contentLength = -1;
    connectionSeen = false;
    removable = false;
    ownHeaders = false;
    Iterator<Map.Entry<CharSequence, CharSequence>> iterator = headers.iteratorCharSequence();
    while (iterator.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = iterator.next();
      if (!Characters.isToken(header.getKey())) {
        throw malformed("header name");
      }
      if (!Characters.isHeaderValue(header.getValue())) {
        throw malformed("value of header " + header.getKey());
      }
      known(header.getKey(), header.getValue());
    }
  }

  private void known(CharSequence name, CharSequence value) throws MalformedMessageException {
    switch (name.charAt(0) | 0x20) {
      case 'c' -> {
        if (HeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
          if (contentLength >= 0) {
            throw malformed("Content-Length");
          }
          contentLength = ContentLength.parse(value);
        } else if (HeaderNames.CONNECTION.contentEqualsIgnoreCase(name)) {
          connectionSeen = true;
        }
      }
      case 't' -> {
        if (HeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
          if (chunked || !AsciiString.contentEqualsIgnoreCase(value, "chunked")) {
            throw malformed("Transfer-Encoding");
          }
          chunked = true;
          removable = true;
        }
      }
      case 'k' -> removable |= HeaderNames.KEEP_ALIVE.contentEqualsIgnoreCase(name);
      case 'p' -> removable |= HeaderNames.PROXY_CONNECTION.contentEqualsIgnoreCase(name);
      case 'u' -> removable |= HeaderNames.UPGRADE.contentEqualsIgnoreCase(name);
      case 'h', 'x' -> ownHeaders |= OwnHeaders.isOwn(name);
      default -> {}
    }
  }

  private static int removeConnection(HttpHeaders headers) throws MalformedMessageException {
    int options = 0;
    for (String connection : headers.getAll(HeaderNames.CONNECTION)) {
      options |= HopByHop.removeNominated(connection, headers);
    }
    headers.remove(HeaderNames.CONNECTION);
    return options;
  }

  private static MalformedMessageException malformed(String part) {
    return new MalformedMessageException(502, "the server's answer has an invalid " + part);
  }
}
