package dev.heddle.dataplane.http.message;

import io.netty.util.AsciiString;

/** Header names that mean something to the proxy; lower case. */
public final class HeaderNames {
  public static final AsciiString HOST = AsciiString.cached("host");
  public static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  public static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");
  public static final AsciiString CONNECTION = AsciiString.cached("connection");
  public static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  public static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
  public static final AsciiString UPGRADE = AsciiString.cached("upgrade");
  public static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");
  public static final AsciiString TE = AsciiString.cached("te");
  public static final AsciiString TRAILERS = AsciiString.cached("trailers");
  public static final AsciiString TRAILER = AsciiString.cached("trailer");
  public static final AsciiString EXPECT = AsciiString.cached("expect");
  public static final AsciiString COOKIE = AsciiString.cached("cookie");
  public static final AsciiString SET_COOKIE = AsciiString.cached("set-cookie");
  public static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  public static final AsciiString LOCATION = AsciiString.cached("location");
  public static final AsciiString SEC_WEBSOCKET_KEY1 = AsciiString.cached("sec-websocket-key1");
  public static final AsciiString FORWARDED_CLIENT_CERT =
      AsciiString.cached("x-forwarded-client-cert");
  public static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  public static final AsciiString GRPC_MESSAGE = AsciiString.cached("grpc-message");

  /** Between proxies: {@code <workload>.<namespace>} of the caller. */
  public static final AsciiString HEDDLE_SOURCE = AsciiString.cached("heddle-source");

  /** Between proxies: why the request never reached the application. */
  public static final AsciiString HEDDLE_UNDELIVERED = AsciiString.cached("heddle-undelivered");

  /** Why the proxy itself answered: a response flag and a short reason. */
  public static final AsciiString HEDDLE_ERROR = AsciiString.cached("heddle-error");

  public static final AsciiString HEDDLE_PREFIX = AsciiString.cached("heddle-");

  private HeaderNames() {}
}
