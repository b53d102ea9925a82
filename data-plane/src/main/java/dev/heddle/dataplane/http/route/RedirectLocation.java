package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.RouteConfiguration.PathRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.http.message.MalformedMessageException;
import dev.heddle.dataplane.http.message.RequestHead;

/** Where a redirect sends a client, by Envoy's rules. */
public final class RedirectLocation {
  private RedirectLocation() {}

  /**
   * The value of Location.
   *
   * @throws MalformedMessageException if the rewritten path is none
   */
  public static String of(RouteAction.Redirect redirect, RequestHead request)
      throws MalformedMessageException {
    String scheme = redirect.scheme() == null ? request.scheme() : redirect.scheme();
    StringBuilder location = new StringBuilder(scheme).append("://");
    if (redirect.host() != null) {
      location.append(redirect.host());
    } else {
      location.append(requestHost(request, scheme, redirect.port() != 0));
    }
    if (redirect.port() != 0) {
      location.append(':').append(redirect.port());
    }
    PathRewrite rewrite = redirect.path();
    String path = rewrite == null ? request.path() : RequestRewriter.path(rewrite, request);
    boolean ownQuery = rewrite instanceof PathRewrite.Replace(String own) && own.indexOf('?') >= 0;
    int query = path.indexOf('?');
    return location
        .append(path, 0, redirect.stripQuery() && !ownQuery && query >= 0 ? query : path.length())
        .toString();
  }

  /** Without its port, if the redirect names another or it is the default one of the old scheme. */
  private static String requestHost(RequestHead request, String newScheme, boolean newPort) {
    String authority = request.authority();
    int colon = authority.lastIndexOf(':');
    if (colon < 0 || authority.indexOf(']', colon) >= 0) {
      return authority;
    }
    String port = authority.substring(colon);
    boolean defaultPort =
        !newScheme.equals(request.scheme())
            && port.equals(request.scheme().equals("https") ? ":443" : ":80");
    return newPort || defaultPort ? authority.substring(0, colon) : authority;
  }
}
