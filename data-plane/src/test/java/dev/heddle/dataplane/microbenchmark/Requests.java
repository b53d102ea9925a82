package dev.heddle.dataplane.microbenchmark;

import dev.heddle.dataplane.http.message.UncheckedHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;

/** Messages as the codec makes them: names and values are AsciiString. */
final class Requests {
  private Requests() {}

  /** With the headers that a browser-like client sends. */
  static HttpRequest get(String path) {
    HttpHeaders headers = UncheckedHeaders.create();
    add(headers, "host", "web.shop:8080");
    add(headers, "user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36");
    add(headers, "accept", "application/json, text/plain, */*");
    add(headers, "accept-encoding", "gzip, deflate, br");
    add(headers, "accept-language", "en-GB,en;q=0.9");
    add(headers, "authorization", "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl");
    add(headers, "connection", "keep-alive");
    add(headers, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path, headers);
  }

  static HttpResponse ok() {
    HttpHeaders headers = UncheckedHeaders.create();
    add(headers, "content-type", "text/plain");
    add(headers, "content-length", "200");
    add(headers, "date", "Sat, 21 Nov 2026 08:00:00 GMT");
    add(headers, "server", "origin");
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, headers);
  }

  private static void add(HttpHeaders headers, String name, String value) {
    headers.add(AsciiString.of(name), AsciiString.of(value));
  }
}
