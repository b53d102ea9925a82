package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;

/**
 * Routes of requests (envoy.config.route.v3.RouteConfiguration); the first route that matches wins.
 */
public record RouteConfiguration(String name, List<VirtualHost> virtualHosts) {

  public RouteConfiguration {
    virtualHosts = List.copyOf(virtualHosts);
  }

  /**
   * The routes of a set of domains.
   *
   * @param domains exact ({@code a.b}), suffix ({@code *.b}), prefix ({@code a.*}) or {@code *};
   *     compared without port and without case, the most specific wins
   */
  public record VirtualHost(String name, List<String> domains, List<Route> routes) {
    public VirtualHost {
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
    }
  }

  public record Route(String name, RouteMatch match, RouteAction action) {}

  /** All conditions hold. */
  public record RouteMatch(PathMatch path, List<HeaderMatch> headers) {
    public RouteMatch {
      headers = List.copyOf(headers);
    }
  }

  /** A condition on the path without its query. */
  public sealed interface PathMatch {
    record Prefix(String prefix) implements PathMatch {}

    record Exact(String path) implements PathMatch {}

    /** The whole path, linear time. */
    record Regex(com.google.re2j.Pattern pattern) implements PathMatch {}
  }

  /**
   * A condition on a header, {@code :method} and {@code :authority} included.
   *
   * @param name lower case
   */
  public record HeaderMatch(String name, ValueMatch value, boolean invert) {}

  /** A condition on a header's value; several values of one name are joined by a comma. */
  public sealed interface ValueMatch {
    record Present() implements ValueMatch {}

    record Exact(String value) implements ValueMatch {}

    record Prefix(String value) implements ValueMatch {}

    record Suffix(String value) implements ValueMatch {}

    /** The whole value, linear time. */
    record Regex(com.google.re2j.Pattern pattern) implements ValueMatch {}
  }

  public sealed interface RouteAction {
    /**
     * Sends the request on.
     *
     * @param clusters one or more; never empty
     * @param timeout bound on the whole request from its last byte; zero for none
     * @param retries attempts after the first one; conditions are Heddle's safe ones: connect
     *     failure, refused stream, undelivered, reset before headers for idempotent methods
     */
    record Forward(List<WeightedCluster> clusters, Duration timeout, int retries)
        implements RouteAction {
      public Forward {
        clusters = List.copyOf(clusters);
      }
    }

    record DirectResponse(int status, String body) implements RouteAction {}
  }
}
