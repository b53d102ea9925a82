package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.QueryMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;

/** Whether a request fulfils a condition. */
public final class RequestMatcher {
  private RequestMatcher() {}

  public static boolean matches(RouteMatch match, RequestHead request) {
    return pathMatches(match.path(), request)
        && (!match.grpc() || request.grpc())
        && headersMatch(match.headers(), request)
        && queryMatches(match.query(), request);
  }

  /** Whether all conditions on headers hold. */
  public static boolean headersMatch(List<HeaderMatch> headers, RequestHead request) {
    for (int i = 0; i < headers.size(); i++) {
      if (!headerMatches(headers.get(i), request)) {
        return false;
      }
    }
    return true;
  }

  static boolean headerMatches(HeaderMatch header, RequestHead request) {
    String value = RequestFields.value(header.name(), request);
    if (value == null) {
      if (header.value() instanceof ValueMatch.Present) {
        return header.invert();
      }
      if (!header.missingIsEmpty()) {
        return false;
      }
      value = "";
    }
    return header.value().matches(value) != header.invert();
  }

  private static boolean queryMatches(List<QueryMatch> query, RequestHead request) {
    for (int i = 0; i < query.size(); i++) {
      QueryMatch parameter = query.get(i);
      String value = RequestFields.queryParameter(parameter.name(), request);
      boolean holds = value != null && parameter.value().matches(value);
      if (holds == parameter.invert()) {
        return false;
      }
    }
    return true;
  }

  private static boolean pathMatches(PathMatch match, RequestHead request) {
    String path = request.path();
    return switch (match) {
      case PathMatch.Prefix(String prefix, boolean ignoreCase) ->
          startsWith(path, request, prefix, ignoreCase);
      case PathMatch.SeparatedPrefix(String prefix, boolean ignoreCase) ->
          startsWith(path, request, prefix, ignoreCase)
              && (request.pathLength() == prefix.length() || path.charAt(prefix.length()) == '/');
      case PathMatch.Exact(String exact, boolean ignoreCase) ->
          exact.length() == request.pathLength() && startsWith(path, request, exact, ignoreCase);
      case PathMatch.Regex regex ->
          regex.pattern().matches(path.substring(0, request.pathLength()));
    };
  }

  private static boolean startsWith(
      String path, RequestHead request, String prefix, boolean ignoreCase) {
    int length = prefix.length();
    return length <= request.pathLength()
        && (ignoreCase ? path.regionMatches(true, 0, prefix, 0, length) : path.startsWith(prefix));
  }
}
