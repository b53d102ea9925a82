package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between HTTP/2 header blocks and messages, with the rules that make a message unambiguous (RFC
 * 9113, 8.2 and 8.3).
 */
public final class Http2Mapping {
  private static final AsciiString METHOD = Http2Headers.PseudoHeaderName.METHOD.value();
  private static final AsciiString SCHEME = Http2Headers.PseudoHeaderName.SCHEME.value();
  private static final AsciiString AUTHORITY = Http2Headers.PseudoHeaderName.AUTHORITY.value();
  private static final AsciiString PATH = Http2Headers.PseudoHeaderName.PATH.value();
  private static final AsciiString STATUS = Http2Headers.PseudoHeaderName.STATUS.value();

  private Http2Mapping() {}

  /**
   * The request that a block states.
   *
   * @throws MalformedMessageException with status 400 where the stream is to be reset, with another
   *     status where an answer can be given
   */
  public static RequestHead request(Http2Headers block, int maxHeaders)
      throws MalformedMessageException {
    if (block.size() > maxHeaders + 4) {
      throw new MalformedMessageException(
          431, "headers: " + block.size() + " (expected: at most " + maxHeaders + ")");
    }
    RequestFields fields = new RequestFields(UncheckedHeaders.create());
    boolean regularSeen = false;
    for (Map.Entry<CharSequence, CharSequence> header : block) {
      CharSequence name = header.getKey();
      CharSequence value = header.getValue();
      if (!Characters.isHeaderValue(value)) {
        throw MalformedMessageException.badRequest(
            "value of header (expected: no control characters)");
      }
      if (!name.isEmpty() && name.charAt(0) == ':') {
        if (regularSeen) {
          throw MalformedMessageException.badRequest("pseudo-header after a header");
        }
        fields.pseudo(name, value);
      } else {
        regularSeen = true;
        fields.regular(name, value);
      }
    }
    return fields.head();
  }

  /**
   * The response that a block states.
   *
   * @param mesh whether the server proved to be a proxy of the mesh; only then are its own headers
   *     kept
   */
  public static ResponseHead response(Http2Headers block, int maxHeaders, boolean mesh)
      throws MalformedMessageException {
    if (block.size() > maxHeaders + 1) {
      throw badAnswer("number of headers: " + block.size());
    }
    CharSequence text = null;
    HttpHeaders headers = UncheckedHeaders.create();
    boolean own = false;
    for (Map.Entry<CharSequence, CharSequence> header : block) {
      CharSequence name = header.getKey();
      CharSequence value = header.getValue();
      if (STATUS.contentEquals(name)) {
        if (text != null) {
          throw badAnswer(":status");
        }
        text = value;
        continue;
      }
      if (!Characters.isLowerCaseToken(name)
          || !Characters.isHeaderValue(value)
          || isConnectionHeader(name)) {
        throw badAnswer("header");
      }
      own |= OwnHeaders.isOwn(name);
      headers.add(name, value);
    }
    if (text == null || text.length() != 3) {
      throw badAnswer(":status");
    }
    HttpResponseStatus status;
    try {
      status = HttpResponseStatus.parseLine(text);
    } catch (IllegalArgumentException e) {
      throw badAnswer(":status");
    }
    if (status.code() < 100 || status.code() == 101) {
      throw badAnswer(":status");
    }
    if (status.code() < 200 && headers.contains(HeaderNames.CONTENT_LENGTH)) {
      throw badAnswer("length of an informational answer");
    }
    if (own && !mesh) {
      OwnHeaders.remove(headers);
    }
    return new ResponseHead(status, headers);
  }

  /** Trailers of either direction. */
  public static HttpHeaders trailers(Http2Headers block, int maxHeaders)
      throws MalformedMessageException {
    HttpHeaders trailers = UncheckedHeaders.create();
    for (Map.Entry<CharSequence, CharSequence> header : block) {
      if (!Characters.isLowerCaseToken(header.getKey())) {
        throw MalformedMessageException.badRequest("trailer (expected: a lower-case token)");
      }
      trailers.add(header.getKey(), header.getValue());
    }
    Trailers.screen(trailers, maxHeaders);
    return trailers;
  }

  public static Http2Headers toBlock(RequestHead head) {
    Http2Headers block = new DefaultHttp2Headers(false, head.headers().size() + 4);
    block.method(AsciiString.of(head.method()));
    block.scheme(head.scheme());
    block.authority(head.authority());
    block.path(head.path());
    addTo(block, head.headers());
    return block;
  }

  public static Http2Headers toBlock(ResponseHead head) {
    Http2Headers block = new DefaultHttp2Headers(false, head.headers().size() + 1);
    block.status(head.status().codeAsText());
    addTo(block, head.headers());
    return block;
  }

  public static Http2Headers toBlock(HttpHeaders trailers) {
    Http2Headers block = new DefaultHttp2Headers(false, trailers.size());
    addTo(block, trailers);
    return block;
  }

  private static void addTo(Http2Headers block, HttpHeaders headers) {
    Iterator<Map.Entry<CharSequence, CharSequence>> iterator = headers.iteratorCharSequence();
    while (iterator.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = iterator.next();
      AsciiString name = AsciiString.of(header.getKey()).toLowerCase();
      if (!isConnectionHeader(name) && !HeaderNames.HOST.contentEquals(name)) {
        block.add(name, header.getValue());
      }
    }
  }

  private static boolean isConnectionHeader(CharSequence name) {
    return switch (name.length()) {
      case 7 -> HeaderNames.UPGRADE.contentEquals(name);
      case 10 ->
          HeaderNames.CONNECTION.contentEquals(name) || HeaderNames.KEEP_ALIVE.contentEquals(name);
      case 14 -> HeaderNames.HTTP2_SETTINGS.contentEquals(name);
      case 16 -> HeaderNames.PROXY_CONNECTION.contentEquals(name);
      case 17 -> HeaderNames.TRANSFER_ENCODING.contentEquals(name);
      default -> false;
    };
  }

  private static MalformedMessageException badAnswer(String part) {
    return new MalformedMessageException(502, "the server's answer has an invalid " + part);
  }

  /** What a request's block says, field by field. */
  private static final class RequestFields {
    private final HttpHeaders headers;
    private @Nullable CharSequence method;
    private @Nullable CharSequence scheme;
    private @Nullable CharSequence authority;
    private @Nullable CharSequence path;
    private @Nullable CharSequence host;
    private @Nullable StringBuilder cookie;
    private long contentLength = -1;
    private boolean grpc;
    private boolean own;
    private @Nullable String meshSource;

    private RequestFields(HttpHeaders headers) {
      this.headers = headers;
    }

    private void pseudo(CharSequence name, CharSequence value) throws MalformedMessageException {
      if (METHOD.contentEquals(name)) {
        method = once(method, value);
      } else if (PATH.contentEquals(name)) {
        path = once(path, value);
      } else if (AUTHORITY.contentEquals(name)) {
        authority = once(authority, value);
      } else if (SCHEME.contentEquals(name)) {
        scheme = once(scheme, value);
      } else {
        throw MalformedMessageException.badRequest("pseudo-header (expected: those of a request)");
      }
    }

    private static CharSequence once(@Nullable CharSequence before, CharSequence value)
        throws MalformedMessageException {
      if (before != null) {
        throw MalformedMessageException.badRequest("pseudo-header (expected: once)");
      }
      return value;
    }

    private void regular(CharSequence name, CharSequence value) throws MalformedMessageException {
      if (!Characters.isLowerCaseToken(name)) {
        throw MalformedMessageException.badRequest("header name (expected: a lower-case token)");
      }
      if (isConnectionHeader(name)) {
        throw MalformedMessageException.badRequest("header of a connection (expected: none)");
      }
      switch (name.charAt(0)) {
        case 'c' -> {
          if (HeaderNames.COOKIE.contentEquals(name)) {
            StringBuilder crumbs = cookie;
            if (crumbs == null) {
              cookie = new StringBuilder(value);
            } else if (!value.isEmpty()) {
              // An empty crumb would leave a space at the end, which no header value may have.
              crumbs.append(crumbs.isEmpty() ? "" : "; ").append(value);
            }
            return;
          }
          if (HeaderNames.CONTENT_LENGTH.contentEquals(name)) {
            if (contentLength >= 0) {
              throw MalformedMessageException.badRequest("content-length (expected: once)");
            }
            contentLength = ContentLength.parse(value);
          } else if (HeaderNames.CONTENT_TYPE.contentEquals(name)) {
            grpc = Grpc.isGrpc(value);
          }
        }
        case 'h' -> {
          if (HeaderNames.HOST.contentEquals(name)) {
            if (host != null) {
              throw MalformedMessageException.badRequest("host (expected: at most once)");
            }
            host = value;
            return;
          }
          if (OwnHeaders.isOwn(name)) {
            own = true;
            if (HeaderNames.HEDDLE_SOURCE.contentEquals(name)) {
              meshSource = value.toString();
            }
          }
        }
        case 'x' -> own |= OwnHeaders.isOwn(name);
        case 't' -> {
          if (HeaderNames.TE.contentEquals(name)) {
            if (!HeaderNames.TRAILERS.contentEquals(value)) {
              throw MalformedMessageException.badRequest("te (expected: trailers)");
            }
            // Once, however often it was said, as over HTTP/1.
            headers.set(HeaderNames.TE, HeaderNames.TRAILERS);
            return;
          }
        }
        case 'e' -> {
          if (HeaderNames.EXPECT.contentEquals(name)
              && !AsciiString.contentEqualsIgnoreCase(value, "100-continue")) {
            throw new MalformedMessageException(417, "expect (expected: 100-continue)");
          }
        }
        default -> {}
      }
      headers.add(name, value);
    }

    private RequestHead head() throws MalformedMessageException {
      CharSequence verb = method;
      if (verb == null || !Characters.isToken(verb)) {
        throw MalformedMessageException.badRequest(":method (expected: a token)");
      }
      if (AsciiString.contentEquals(verb, "CONNECT")) {
        throw new MalformedMessageException(405, "CONNECT is not served");
      }
      CharSequence target = path;
      CharSequence protocol = scheme;
      if (target == null
          || protocol == null
          || (!AsciiString.contentEqualsIgnoreCase(protocol, "http")
              && !AsciiString.contentEqualsIgnoreCase(protocol, "https"))) {
        throw MalformedMessageException.badRequest(":scheme and :path (expected: both)");
      }
      CharSequence name = authority == null ? host : authority;
      if (name == null || !Characters.isAuthority(name)) {
        throw MalformedMessageException.badRequest(":authority (expected: host and port)");
      }
      if (host != null && !AsciiString.contentEqualsIgnoreCase(host, name)) {
        throw MalformedMessageException.badRequest("host (expected: what :authority says)");
      }
      String verbText = verb.toString();
      String normalized = RequestTarget.normalize(target.toString());
      if (normalized.equals("*") && !verbText.equals("OPTIONS")) {
        throw MalformedMessageException.badRequest(":path: * (expected: only with OPTIONS)");
      }
      StringBuilder crumbs = cookie;
      if (crumbs != null) {
        headers.add(HeaderNames.COOKIE, crumbs.toString());
      }
      if (own) {
        OwnHeaders.remove(headers);
      }
      return new RequestHead(
          verbText,
          protocol.toString(),
          name.toString(),
          normalized,
          headers,
          contentLength,
          false,
          grpc,
          meshSource);
    }
  }
}
