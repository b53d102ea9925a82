package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.HashPolicy;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.upstream.Hashes;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hash by which a request keeps to an endpoint: that of each policy, combined as Envoy does
 * (source/common/http/hash_policy.cc).
 */
public final class RequestHash {
  private RequestHash() {}

  /**
   * The hash.
   *
   * @param given the value of a cookie that the client is just being given; null for none
   * @return 0 when no policy applies
   */
  public static long of(
      List<HashPolicy> policies,
      RequestHead request,
      InetSocketAddress source,
      @Nullable String given) {
    long hash = 0;
    boolean any = false;
    for (int i = 0; i < policies.size(); i++) {
      HashPolicy policy = policies.get(i);
      String value = value(policy, request, source, given);
      if (value != null) {
        long next =
            policy instanceof HashPolicy.Header header
                ? header(header.name(), value, request)
                : Hashes.xx(value, 0);
        // Rotated, so that the same value twice does not cancel itself.
        hash = (any ? Long.rotateLeft(hash, 1) : 0) ^ next;
        any = true;
        if (policy.terminal()) {
          break;
        }
      }
    }
    return hash;
  }

  private static long header(String name, String first, RequestHead request) {
    List<String> values = request.headers().getAll(name);
    return values.size() > 1 ? chained(values) : Hashes.xx(first, 0);
  }

  private static long chained(List<String> values) {
    List<String> sorted = new ArrayList<>(values);
    sorted.sort(null);
    long hash = 0;
    for (String value : sorted) {
      hash = Hashes.xx(value, hash);
    }
    return hash;
  }

  private static @Nullable String value(
      HashPolicy policy, RequestHead request, InetSocketAddress source, @Nullable String given) {
    return switch (policy) {
      case HashPolicy.Header header ->
          switch (header.name()) {
            case ":path" -> request.path();
            case ":method" -> request.method();
            case ":authority", "host" -> request.authority();
            default -> request.headers().get(header.name());
          };
      case HashPolicy.Cookie cookie -> {
        String sent = cookie(cookie.name(), request);
        yield sent == null && cookie.lifetime() != null ? given : sent;
      }
      case HashPolicy.SourceAddress _ ->
          source.isUnresolved() ? null : source.getAddress().getHostAddress();
      case HashPolicy.QueryParameter parameter ->
          parameter(parameter.name(), request.path(), request.pathLength());
    };
  }

  /** The value of a cookie (RFC 6265, 4.2); null if the client sent none, or an empty one. */
  public static @Nullable String cookie(String name, RequestHead request) {
    for (Map.Entry<String, String> header : request.headers()) {
      if (header.getKey().equalsIgnoreCase("cookie")) {
        String found = among(name, header.getValue());
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static @Nullable String among(String name, String cookies) {
    int at = 0;
    while (at < cookies.length()) {
      int end = cookies.indexOf(';', at);
      String pair = cookies.substring(at, end < 0 ? cookies.length() : end).strip();
      if (pair.length() > name.length() + 1
          && pair.startsWith(name)
          && pair.charAt(name.length()) == '=') {
        String value = pair.substring(name.length() + 1);
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
      }
      at = end < 0 ? cookies.length() : end + 1;
    }
    return null;
  }

  private static @Nullable String parameter(String name, String path, int pathLength) {
    int at = pathLength + 1;
    while (at < path.length()) {
      int end = path.indexOf('&', at);
      int stop = end < 0 ? path.length() : end;
      if (path.startsWith(name, at)) {
        int after = at + name.length();
        if (after == stop) {
          return "";
        }
        if (after < stop && path.charAt(after) == '=') {
          return path.substring(after + 1, stop);
        }
      }
      at = stop + 1;
    }
    return null;
  }
}
