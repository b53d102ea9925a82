package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a request fulfils a condition. */
public final class RequestMatcher {
  private RequestMatcher() {}

  public static boolean matches(RouteMatch match, RequestHead request) {
    if (!pathMatches(match.path(), request)) {
      return false;
    }
    List<HeaderMatch> headers = match.headers();
    for (int i = 0; i < headers.size(); i++) {
      HeaderMatch header = headers.get(i);
      if (valueMatches(header.value(), value(header.name(), request)) == header.invert()) {
        return false;
      }
    }
    return true;
  }

  private static boolean pathMatches(PathMatch match, RequestHead request) {
    String path = request.path();
    return switch (match) {
      case PathMatch.Prefix prefix ->
          prefix.prefix().length() <= request.pathLength() && path.startsWith(prefix.prefix());
      case PathMatch.Exact exact ->
          exact.path().length() == request.pathLength() && path.startsWith(exact.path());
      case PathMatch.Regex regex ->
          regex.pattern().matches(path.substring(0, request.pathLength()));
    };
  }

  private static @Nullable String value(String name, RequestHead request) {
    return switch (name) {
      case ":method" -> request.method();
      case ":authority", "host" -> request.authority();
      case ":path" -> request.path();
      case ":scheme" -> request.scheme();
      default -> {
        List<String> values = request.headers().getAll(name);
        yield values.isEmpty()
            ? null
            : values.size() == 1 ? values.getFirst() : String.join(",", values);
      }
    };
  }

  private static boolean valueMatches(ValueMatch match, @Nullable String value) {
    if (value == null) {
      return false;
    }
    return switch (match) {
      case ValueMatch.Present _ -> true;
      case ValueMatch.Exact exact -> value.equals(exact.value());
      case ValueMatch.Prefix prefix -> value.startsWith(prefix.value());
      case ValueMatch.Suffix suffix -> value.endsWith(suffix.value());
      case ValueMatch.Regex regex -> regex.pattern().matches(value);
    };
  }
}
