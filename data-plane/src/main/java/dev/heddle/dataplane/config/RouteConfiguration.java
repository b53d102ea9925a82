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
     * @param hashPolicies what clusters go by that choose by hash; empty for nothing
     */
    record Forward(
        List<WeightedCluster> clusters,
        Duration timeout,
        RetryPolicy retries,
        List<HashPolicy> hashPolicies)
        implements RouteAction {
      public Forward {
        clusters = List.copyOf(clusters);
        hashPolicies = List.copyOf(hashPolicies);
      }

      public Forward(List<WeightedCluster> clusters, Duration timeout, RetryPolicy retries) {
        this(clusters, timeout, retries, List.of());
      }
    }

    record DirectResponse(int status, String body) implements RouteAction {}
  }

  /**
   * Attempts after the first one. Their conditions are Heddle's safe ones: connect failure, refused
   * stream, undelivered, reset before headers for idempotent methods.
   *
   * <p>A retry goes to an endpoint not tried yet at once. Where there is none, it waits: by an
   * interval that doubles from {@code backOff} to {@code longestBackOff}, of which a random part is
   * taken, so that endpoints that are just being replaced are found.
   *
   * @param retries at most so many; 0 for none
   * @param backOff above zero
   * @param longestBackOff no less than {@code backOff}
   */
  public record RetryPolicy(int retries, Duration backOff, Duration longestBackOff) {

    /** Envoy's: retry_back_off of config/route/v3/route_components.proto. */
    public static final Duration DEFAULT_BACK_OFF = Duration.ofMillis(25);

    /** Envoy's: the longest interval is ten times the first unless it is named. */
    public static final int DEFAULT_GROWTH = 10;

    public static final RetryPolicy NONE = of(0);

    /** So many retries, with the default intervals. */
    public static RetryPolicy of(int retries) {
      return new RetryPolicy(
          retries, DEFAULT_BACK_OFF, DEFAULT_BACK_OFF.multipliedBy(DEFAULT_GROWTH));
    }

    /**
     * The interval of which a random part is waited.
     *
     * @param retry 0 for the first that has to wait
     */
    public Duration interval(int retry) {
      Duration doubled = backOff.multipliedBy(1L << Math.min(retry, 30));
      return doubled.compareTo(longestBackOff) < 0 ? doubled : longestBackOff;
    }
  }
}
