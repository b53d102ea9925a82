package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.HashPolicy;
import dev.heddle.dataplane.http.message.RequestHead;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that the proxy gives to a client without one, so that the client's next requests keep to
 * the same endpoint.
 */
public final class StickyCookie {
  private StickyCookie() {}

  /**
   * The value of Set-Cookie (RFC 6265, 4.1).
   *
   * @return null when no policy asks for a cookie, or the client has sent it
   */
  public static @Nullable String create(
      List<HashPolicy> policies, RequestHead request, RandomGenerator random) {
    for (int i = 0; i < policies.size(); i++) {
      if (policies.get(i) instanceof HashPolicy.Cookie wanted
          && wanted.lifetime() != null
          && RequestHash.cookie(wanted.name(), request) == null) {
        return create(wanted, wanted.lifetime(), random);
      }
    }
    return null;
  }

  private static String create(
      HashPolicy.Cookie wanted, Duration lifetime, RandomGenerator random) {
    String value = Long.toHexString(random.nextLong());
    StringBuilder cookie = new StringBuilder(wanted.name()).append("=\"").append(value).append('"');
    if (!lifetime.isZero()) {
      cookie.append("; Max-Age=").append(Math.max(1, lifetime.toSeconds()));
    }
    if (!wanted.path().isEmpty()) {
      cookie.append("; Path=").append(wanted.path());
    }
    return cookie.append("; HttpOnly").toString();
  }

  /** What the client will send back; null for null. */
  public static @Nullable String value(@Nullable String cookie) {
    if (cookie == null) {
      return null;
    }
    int start = cookie.indexOf('"') + 1;
    return cookie.substring(start, cookie.indexOf('"', start));
  }
}
