package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request: the most specific virtual host, in it the first route that matches.
 */
public final class Router {
  private static final int EXACT = 1 << 30;
  private static final int SUFFIX = 1 << 29;
  private static final int PREFIX = 1 << 28;
  private static final int ANY = 1;

  private Router() {}

  public static @Nullable Route route(RouteConfiguration configuration, RequestHead request) {
    VirtualHost host = virtualHost(configuration, request.authority());
    if (host == null) {
      return null;
    }
    List<Route> routes = host.routes();
    for (int i = 0; i < routes.size(); i++) {
      Route route = routes.get(i);
      if (RequestMatcher.matches(route.match(), request)) {
        return route;
      }
    }
    return null;
  }

  /** Exact before suffix before prefix before {@code *}; the longer suffix or prefix first. */
  static @Nullable VirtualHost virtualHost(RouteConfiguration configuration, String authority) {
    int length = configuration.ignoresPort() ? hostLength(authority) : authority.length();
    VirtualHost best = null;
    int bestRank = 0;
    List<VirtualHost> hosts = configuration.virtualHosts();
    for (int i = 0; i < hosts.size(); i++) {
      VirtualHost host = hosts.get(i);
      List<String> domains = host.domains();
      for (int j = 0; j < domains.size(); j++) {
        int rank = rank(domains.get(j), authority, length);
        if (rank > bestRank) {
          best = host;
          bestRank = rank;
        }
      }
    }
    return best;
  }

  private static int rank(String domain, String authority, int length) {
    int domainLength = domain.length();
    if (domainLength == 1 && domain.charAt(0) == '*') {
      return ANY;
    }
    if (domain.charAt(0) == '*') {
      int suffix = domainLength - 1;
      return length > suffix && authority.regionMatches(true, length - suffix, domain, 1, suffix)
          ? SUFFIX + suffix
          : 0;
    }
    if (domain.charAt(domainLength - 1) == '*') {
      int prefix = domainLength - 1;
      return length > prefix && authority.regionMatches(true, 0, domain, 0, prefix)
          ? PREFIX + prefix
          : 0;
    }
    return domainLength == length && authority.regionMatches(true, 0, domain, 0, length)
        ? EXACT
        : 0;
  }

  /** Without the port. */
  private static int hostLength(String authority) {
    int colon = authority.lastIndexOf(':');
    return colon >= 0 && authority.indexOf(']', colon) < 0 ? colon : authority.length();
  }
}
