package dev.heddle.dataplane.http.message;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** Headers by which proxies tell of identities: never taken from a client or an application. */
final class OwnHeaders {
  private OwnHeaders() {}

  static boolean isOwn(CharSequence name) {
    return AsciiString.regionMatches(
            name, true, 0, HeaderNames.HEDDLE_PREFIX, 0, HeaderNames.HEDDLE_PREFIX.length())
        || HeaderNames.FORWARDED_CLIENT_CERT.contentEqualsIgnoreCase(name);
  }

  static void remove(HttpHeaders headers) {
    List<String> own = new ArrayList<>(2);
    for (String name : headers.names()) {
      if (isOwn(name)) {
        own.add(name);
      }
    }
    for (String name : own) {
      headers.remove(name);
    }
  }
}
