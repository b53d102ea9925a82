package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an HTTP/1 request is unambiguous (RFC 9112) and turns it into a {@link
 * RequestHead}. One per connection; what it found besides the head is read before the next call.
 */
public final class Http1RequestScreen {
  private final int maxHeaders;
  private final String scheme;

  private boolean keepAlive;
  private boolean http10;
  private boolean bodyFollows;

  // What one pass over the headers finds.
  private int hosts;
  private @Nullable CharSequence host;
  private long contentLength;
  private boolean chunked;
  private boolean connectionSeen;
  private @Nullable CharSequence upgrade;
  private boolean teTrailers;
  private boolean grpc;
  private boolean ownHeaders;
  private boolean removable;
  private @Nullable String meshSource;

  /**
   * Makes the screen of one connection.
   *
   * @param maxHeaders bound on the number of header lines
   * @param scheme {@code http}, or {@code https} where the application's own TLS was terminated
   */
  public Http1RequestScreen(int maxHeaders, String scheme) {
    this.maxHeaders = maxHeaders;
    this.scheme = scheme;
  }

  /** Whether the client lets the connection live after this request. */
  public boolean keepAlive() {
    return keepAlive;
  }

  public boolean http10() {
    return http10;
  }

  /** Whether anything follows the head. */
  public boolean bodyFollows() {
    return bodyFollows;
  }

  public RequestHead screen(HttpRequest request) throws MalformedMessageException {
    HttpVersion version = request.protocolVersion();
    http10 = version.equals(HttpVersion.HTTP_1_0);
    if (!http10 && !version.equals(HttpVersion.HTTP_1_1)) {
      throw new MalformedMessageException(505, "version (expected: HTTP/1.1 or HTTP/1.0)");
    }
    String method = request.method().name();
    if (!Characters.isToken(method)) {
      throw MalformedMessageException.badRequest("method (expected: a token)");
    }
    HttpHeaders headers = request.headers();
    scan(headers);
    int connection = connectionSeen ? removeConnection(headers) : 0;
    keepAlive =
        http10
            ? (connection & (HopByHop.KEEP_ALIVE | HopByHop.CLOSE)) == HopByHop.KEEP_ALIVE
            : (connection & HopByHop.CLOSE) == 0;
    if (chunked && http10) {
      throw MalformedMessageException.badRequest(
          "Transfer-Encoding in HTTP/1.0 (expected: Content-Length)");
    }
    if (chunked && contentLength >= 0) {
      throw MalformedMessageException.badRequest(
          "Transfer-Encoding and Content-Length (expected: one of them)");
    }
    bodyFollows = chunked || contentLength > 0;
    boolean webSocket =
        upgrade != null
            && (connection & HopByHop.UPGRADE) != 0
            && !http10
            && !bodyFollows
            && method.equals("GET")
            && AsciiString.contentEqualsIgnoreCase(upgrade, "websocket");
    if (removable) {
      headers.remove(HeaderNames.KEEP_ALIVE);
      headers.remove(HeaderNames.PROXY_CONNECTION);
      headers.remove(HeaderNames.UPGRADE);
      headers.remove(HeaderNames.HTTP2_SETTINGS);
      headers.remove(HeaderNames.TE);
      headers.remove(HeaderNames.TRANSFER_ENCODING);
      if (teTrailers) {
        headers.set(HeaderNames.TE, HeaderNames.TRAILERS);
      }
    }
    if (ownHeaders) {
      OwnHeaders.remove(headers);
    }
    String target = request.uri();
    String authority = authority(headers);
    if (!target.startsWith("/") && !target.equals("*")) {
      if (method.equals("CONNECT")) {
        throw new MalformedMessageException(405, "CONNECT is not served");
      }
      target = pathOfAbsoluteForm(target, authority);
    } else if (method.equals("CONNECT")) {
      throw new MalformedMessageException(405, "CONNECT is not served");
    }
    if (target.equals("*") && !method.equals("OPTIONS")) {
      throw MalformedMessageException.badRequest("request target: * (expected: only with OPTIONS)");
    }
    return new RequestHead(
        method,
        scheme,
        authority,
        RequestTarget.normalize(target),
        headers,
        contentLength,
        webSocket,
        grpc,
        meshSource);
  }

  private void scan(HttpHeaders headers) throws MalformedMessageException {
    hosts = 0;
    host = null;
    contentLength = -1;
    chunked = false;
    connectionSeen = false;
    upgrade = null;
    teTrailers = false;
    grpc = false;
    ownHeaders = false;
    removable = false;
    meshSource = null;
    if (headers.size() > maxHeaders) {
      throw new MalformedMessageException(
          431, "headers: " + headers.size() + " (expected: at most " + maxHeaders + ")");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> iterator = headers.iteratorCharSequence();
    while (iterator.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = iterator.next();
      CharSequence name = header.getKey();
      CharSequence value = header.getValue();
      if (!Characters.isToken(name)) {
        throw MalformedMessageException.badRequest("header name (expected: a token)");
      }
      if (!Characters.isHeaderValue(value)) {
        throw MalformedMessageException.badRequest(
            "value of header " + name + " (expected: no control characters)");
      }
      known(name, value);
    }
  }

  private void known(CharSequence name, CharSequence value) throws MalformedMessageException {
    switch (name.charAt(0) | 0x20) {
      case 'h' -> {
        if (HeaderNames.HOST.contentEqualsIgnoreCase(name)) {
          hosts++;
          host = value;
        } else if (HeaderNames.HTTP2_SETTINGS.contentEqualsIgnoreCase(name)) {
          removable = true;
        } else if (OwnHeaders.isOwn(name)) {
          ownHeaders = true;
          if (HeaderNames.HEDDLE_SOURCE.contentEqualsIgnoreCase(name)) {
            meshSource = value.toString();
          }
        }
      }
      case 'c' -> {
        if (HeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
          if (contentLength >= 0) {
            throw MalformedMessageException.badRequest("Content-Length (expected: once)");
          }
          contentLength = ContentLength.parse(value);
        } else if (HeaderNames.CONNECTION.contentEqualsIgnoreCase(name)) {
          connectionSeen = true;
        } else if (HeaderNames.CONTENT_TYPE.contentEqualsIgnoreCase(name)) {
          grpc = Grpc.isGrpc(value);
        }
      }
      case 't' -> {
        if (HeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
          if (chunked || !AsciiString.contentEqualsIgnoreCase(value, "chunked")) {
            throw MalformedMessageException.badRequest(
                "Transfer-Encoding (expected: chunked, once)");
          }
          chunked = true;
          removable = true;
        } else if (HeaderNames.TE.contentEqualsIgnoreCase(name)) {
          removable = true;
          teTrailers |= AsciiString.containsIgnoreCase(value, HeaderNames.TRAILERS);
        }
      }
      case 'u' -> {
        if (HeaderNames.UPGRADE.contentEqualsIgnoreCase(name)) {
          removable = true;
          upgrade = value;
        }
      }
      case 'k' -> removable |= HeaderNames.KEEP_ALIVE.contentEqualsIgnoreCase(name);
      case 'p' -> removable |= HeaderNames.PROXY_CONNECTION.contentEqualsIgnoreCase(name);
      case 'x' -> ownHeaders |= OwnHeaders.isOwn(name);
      case 'e' -> {
        if (HeaderNames.EXPECT.contentEqualsIgnoreCase(name)
            && !AsciiString.contentEqualsIgnoreCase(value, "100-continue")) {
          throw new MalformedMessageException(417, "Expect (expected: 100-continue)");
        }
      }
      case 's' -> {
        if (HeaderNames.SEC_WEBSOCKET_KEY1.contentEqualsIgnoreCase(name)) {
          // The drafts before RFC 6455 sent eight bytes that no header announces.
          throw MalformedMessageException.badRequest("Sec-WebSocket-Key1 (expected: RFC 6455)");
        }
      }
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

  private String authority(HttpHeaders headers) throws MalformedMessageException {
    if (hosts > 1 || (hosts == 0 && !http10)) {
      throw MalformedMessageException.badRequest("Host: " + hosts + " (expected: once)");
    }
    CharSequence value = host;
    if (value == null || value.isEmpty()) {
      headers.remove(HeaderNames.HOST);
      return "";
    }
    if (!Characters.isAuthority(value)) {
      throw MalformedMessageException.badRequest("Host (expected: host and port)");
    }
    headers.remove(HeaderNames.HOST);
    return value.toString();
  }

  /** The absolute form says what Host says, or the request is refused. */
  private static String pathOfAbsoluteForm(String target, String authority)
      throws MalformedMessageException {
    int start = target.indexOf("://");
    if (start < 0
        || (!target.regionMatches(true, 0, "http", 0, Math.max(start, 4))
            && !target.regionMatches(true, 0, "https", 0, Math.max(start, 5)))) {
      throw MalformedMessageException.badRequest(
          "request target (expected: a path or an http URI)");
    }
    int from = start + 3;
    int end = from;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    if (end - from != authority.length()
        || !target.regionMatches(true, from, authority, 0, authority.length())) {
      throw MalformedMessageException.badRequest(
          "request target (expected: the authority that Host states)");
    }
    String path = target.substring(end);
    return path.startsWith("/") ? path : "/" + path;
  }
}
