package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** What the proxy knows of gRPC over HTTP/2. */
public final class Grpc {
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("application/grpc");

  private Grpc() {}

  public static boolean isGrpc(CharSequence contentType) {
    int length = CONTENT_TYPE.length();
    return contentType.length() >= length
        && AsciiString.regionMatches(contentType, true, 0, CONTENT_TYPE, 0, length)
        && (contentType.length() == length
            || contentType.charAt(length) == '+'
            || contentType.charAt(length) == ';');
  }

  /** The value of grpc-status; -1 where there is none that is a number. */
  public static int status(@Nullable HttpHeaders headers) {
    String value = headers == null ? null : headers.get(HeaderNames.GRPC_STATUS);
    if (value == null || value.isEmpty() || value.length() > 2) {
      return -1;
    }
    int status = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      status = status * 10 + digit;
    }
    return status;
  }

  /**
   * The status of a call that was answered with an HTTP status alone (gRPC's
   * http-grpc-status-mapping.md).
   */
  public static int statusOfHttp(int httpStatus) {
    return switch (httpStatus) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 408, 504 -> 4;
      case 429, 502, 503 -> 14;
      default -> 2;
    };
  }
}
