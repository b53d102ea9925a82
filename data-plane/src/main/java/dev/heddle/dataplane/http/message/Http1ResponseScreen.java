package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Decides whether an HTTP/1 response is unambiguous and turns it into a {@link ResponseHead}. One
 * per connection; what it found besides is read before the next call.
 */
public final class Http1ResponseScreen {
  private boolean keepAlive;
  private boolean bodyFollows;

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
    HttpHeaders headers = response.headers();
    checkCharacters(headers);
    List<String> encodings = headers.getAll(HeaderNames.TRANSFER_ENCODING);
    boolean chunked = !encodings.isEmpty();
    if (chunked
        && (encodings.size() > 1
            || !AsciiString.contentEqualsIgnoreCase(encodings.getFirst(), "chunked"))) {
      throw malformed("Transfer-Encoding");
    }
    List<String> lengths = headers.getAll(HeaderNames.CONTENT_LENGTH);
    long length = -1;
    if (!lengths.isEmpty()) {
      length = ContentLength.parse(lengths.getFirst());
      if (lengths.size() > 1 || chunked) {
        throw malformed("Content-Length");
      }
    }
    int connection = 0;
    List<String> connections = headers.getAll(HeaderNames.CONNECTION);
    for (int i = 0; i < connections.size(); i++) {
      connection |= HopByHop.removeNominated(connections.get(i), headers);
    }
    boolean bodyless = head || status < 200 || status == 204 || status == 304;
    bodyFollows = !bodyless && length != 0;
    keepAlive =
        (connection & HopByHop.CLOSE) == 0
            && (!http10 || (connection & HopByHop.KEEP_ALIVE) != 0)
            && (bodyless || chunked || !lengths.isEmpty());
    if (!connections.isEmpty()) {
      headers.remove(HeaderNames.CONNECTION);
    }
    headers.remove(HeaderNames.KEEP_ALIVE);
    headers.remove(HeaderNames.PROXY_CONNECTION);
    if (chunked) {
      headers.remove(HeaderNames.TRANSFER_ENCODING);
    }
    if (status != 101) {
      headers.remove(HeaderNames.UPGRADE);
    }
    if (!mesh) {
      OwnHeaders.remove(headers);
    }
    return new ResponseHead(response.status(), headers);
  }

  private static void checkCharacters(HttpHeaders headers) throws MalformedMessageException {
    Iterator<Map.Entry<CharSequence, CharSequence>> iterator = headers.iteratorCharSequence();
    while (iterator.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = iterator.next();
      if (!Characters.isToken(header.getKey())) {
        throw malformed("header name");
      }
      if (!Characters.isHeaderValue(header.getValue())) {
        throw malformed("value of header " + header.getKey());
      }
    }
  }

  private static MalformedMessageException malformed(String part) {
    return new MalformedMessageException(502, "the server's answer has an invalid " + part);
  }
}
