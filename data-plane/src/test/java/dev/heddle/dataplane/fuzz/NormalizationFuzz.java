package dev.heddle.dataplane.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.heddle.dataplane.http.message.Http1RequestScreen;
import dev.heddle.dataplane.http.message.Http2Mapping;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.RequestTarget;
import dev.heddle.dataplane.http.message.UncheckedHeaders;
import dev.heddle.dataplane.http.route.AccessDecision;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The input is the parts of a request, one in each line: method, target, authority, then headers
 * {@code name:value}. Normalizing what is normalized changes nothing, and a request means the same
 * over HTTP/1 and HTTP/2: the same head, and with it the same decision of a policy.
 */
final class NormalizationFuzz {
  private static final int MAX_HEADERS = 100;

  private record Parts(
      String method, String target, String authority, List<Map.Entry<String, String>> headers) {}

  private NormalizationFuzz() {}

  static void check(byte[] input) {
    Parts parts = parts(new String(input, ISO_8859_1).split("\n", -1));
    if (parts == null) {
      return;
    }
    target(parts.target());
    RequestHead one = http1(parts);
    RequestHead two = http2(parts);
    if (one != null) {
      again(one);
    }
    if (two != null) {
      again(two);
    }
    if (one != null && two != null) {
      require(meaning(one).equals(meaning(two)), "the same over HTTP/2", one, two);
    }
  }

  private static @Nullable Parts parts(String[] lines) {
    if (lines.length < 3) {
      return null;
    }
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 3; i < lines.length; i++) {
      int colon = lines[i].indexOf(':', 1);
      if (colon > 0) {
        headers.add(Map.entry(lines[i].substring(0, colon), lines[i].substring(colon + 1)));
      }
    }
    return new Parts(lines[0], lines[1], lines[2], headers);
  }

  private static void target(String target) {
    String once;
    try {
      once = RequestTarget.normalize(target);
    } catch (MalformedMessageException e) {
      return;
    }
    try {
      require(RequestTarget.normalize(once).equals(once), "normalized twice", target, once);
    } catch (MalformedMessageException e) {
      throw new AssertionError(target + " became " + once + ", which is refused", e);
    }
    require(once.length() <= target.length(), "no longer than before", target, once);
  }

  private static @Nullable RequestHead http1(Parts parts) {
    HttpHeaders headers = UncheckedHeaders.create();
    headers.add("host", parts.authority());
    parts.headers().forEach(header -> headers.add(header.getKey(), header.getValue()));
    DefaultHttpRequest request;
    try {
      request =
          new DefaultHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.valueOf(parts.method()), parts.target(), headers);
    } catch (IllegalArgumentException e) {
      // The codec would have refused the line.
      return null;
    }
    try {
      return new Http1RequestScreen(MAX_HEADERS, "http").screen(request);
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  private static @Nullable RequestHead http2(Parts parts) {
    Http2Headers block =
        new DefaultHttp2Headers(false)
            .method(parts.method())
            .scheme("http")
            .authority(parts.authority())
            .path(parts.target());
    parts
        .headers()
        .forEach(header -> block.add(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
    try {
      return Http2Mapping.request(block, MAX_HEADERS);
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  /** What is forwarded is taken as it is by the next proxy. */
  private static void again(RequestHead head) {
    RequestHead next;
    try {
      next = Http2Mapping.request(Http2Mapping.toBlock(head), MAX_HEADERS);
    } catch (MalformedMessageException e) {
      if (head.authority().isEmpty()) {
        return;
      }
      throw new AssertionError(head + " is refused by the next proxy", e);
    }
    require(meaning(next).equals(meaning(head)), "the same at the next proxy", head, next);
  }

  /** All that a route, a policy or an application can look at. */
  private static List<Object> meaning(RequestHead head) {
    Map<String, String> headers = new TreeMap<>();
    head.headers()
        .forEach(header -> {
          String name = header.getKey().toLowerCase(Locale.ROOT);
          headers.merge(
              name,
              header.getValue(),
              name.equals("cookie") ? NormalizationFuzz::crumbs : (a, b) -> a + "," + b);
        });
    return List.of(
        head.method(),
        head.authority(),
        head.path(),
        head.contentLength(),
        head.grpc(),
        headers,
        AccessDecision.allows(ForwardedRequests.POLICY, List.of(), 80, head));
  }

  private static void require(boolean holds, String expected, Object before, Object after) {
    if (!holds) {
      throw new AssertionError(before + "\n" + after + "\n(expected: " + expected + ")");
    }
  }

  /** HTTP/2 splits cookies into crumbs (RFC 9113, 8.2.3). */
  private static String crumbs(String before, String next) {
    return before.isEmpty() || next.isEmpty() ? before + next : before + "; " + next;
  }
}
