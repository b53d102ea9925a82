package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.RouteConfiguration.HostRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.PathRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.RequestRewrite;
import dev.heddle.dataplane.http.message.Characters;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;
import dev.heddle.dataplane.http.message.RequestTarget;
import org.jspecify.annotations.Nullable;

/** The request line that a route makes of a request's. */
public final class RequestRewriter {
  private RequestRewriter() {}

  /**
   * The request to be sent.
   *
   * @throws MalformedMessageException if what comes out is no target or host that may be forwarded
   */
  public static RequestHead rewrite(RequestRewrite rewrite, RequestHead request)
      throws MalformedMessageException {
    String path = rewrite.path() == null ? request.path() : path(rewrite.path(), request);
    String authority = rewrite.host() == null ? null : host(rewrite.host(), request);
    return request.withTarget(authority == null ? request.authority() : authority, path);
  }

  /**
   * The new path with its query, normalized: what a client wrote and what the route put before it
   * must not make a dot segment together.
   */
  static String path(PathRewrite rewrite, RequestHead request) throws MalformedMessageException {
    String old = request.path();
    int length = request.pathLength();
    String path =
        switch (rewrite) {
          case PathRewrite.Replace(String replacement) ->
              replacement.indexOf('?') >= 0 ? replacement : replacement + old.substring(length);
          case PathRewrite.Prefix(int matched, String replacement) ->
              replacement + old.substring(matched < 0 ? length : matched);
          case PathRewrite.Regex regex ->
              regex.pattern().matcher(old.substring(0, length)).replaceAll(regex.substitution())
                  + old.substring(length);
        };
    return RequestTarget.normalize(path);
  }

  private static @Nullable String host(HostRewrite rewrite, RequestHead request)
      throws MalformedMessageException {
    return switch (rewrite) {
      case HostRewrite.Literal literal -> literal.host();
      case HostRewrite.FromHeader header -> {
        String value = RequestFields.value(header.name(), request);
        yield value == null ? null : checked(value);
      }
      case HostRewrite.FromPath path ->
          checked(
              path.pattern()
                  .matcher(request.path().substring(0, request.pathLength()))
                  .replaceAll(path.substitution()));
    };
  }

  private static String checked(String host) throws MalformedMessageException {
    if (!Characters.isAuthority(host)) {
      throw MalformedMessageException.badRequest("rewritten host (expected: host and port)");
    }
    return host;
  }
}
