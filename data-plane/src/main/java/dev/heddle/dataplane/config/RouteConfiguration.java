package dev.heddle.dataplane.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Routes of requests (envoy.config.route.v3.RouteConfiguration); the first route that matches wins.
 *
 * @param ignoresPort whether a request's authority is compared with domains without its port
 */
public record RouteConfiguration(String name, List<VirtualHost> virtualHosts, boolean ignoresPort) {

  /** Routes by whole authorities. */
  public RouteConfiguration(String name, List<VirtualHost> virtualHosts) {
    this(name, virtualHosts, false);
  }

  public RouteConfiguration {
    virtualHosts = List.copyOf(virtualHosts);
  }

  /**
   * The routes of a set of domains.
   *
   * @param domains exact ({@code a.b}), suffix ({@code *.b}), prefix ({@code a.*}) or {@code *};
   *     compared without case, the most specific wins
   */
  public record VirtualHost(String name, List<String> domains, List<Route> routes) {
    public VirtualHost {
      domains = List.copyOf(domains);
      routes = List.copyOf(routes);
    }
  }

  /**
   * Where requests that match go.
   *
   * @param headers mutations of the whole way from this route to the route configuration, in the
   *     order in which they are done
   * @param filters what stands in the place of the connection manager's filters of these names
   * @param tracing what it says of spans, where the connection manager has them made
   */
  public record Route(
      String name,
      RouteMatch match,
      RouteAction action,
      HeaderMutations headers,
      Map<String, HttpFilter> filters,
      Tracing.ForRoute tracing) {
    public Route {
      filters = Map.copyOf(filters);
    }

    public Route(String name, RouteMatch match, RouteAction action) {
      this(name, match, action, HeaderMutations.NONE, Map.of(), Tracing.ForRoute.NOTHING);
    }
  }

  /**
   * All conditions hold.
   *
   * @param grpc whether only gRPC requests match
   */
  public record RouteMatch(
      PathMatch path, List<HeaderMatch> headers, List<QueryMatch> query, boolean grpc) {
    public RouteMatch {
      headers = List.copyOf(headers);
      query = List.copyOf(query);
    }

    public RouteMatch(PathMatch path, List<HeaderMatch> headers) {
      this(path, headers, List.of(), false);
    }
  }

  /** A condition on the path without its query. */
  public sealed interface PathMatch {
    record Prefix(String prefix, boolean ignoreCase) implements PathMatch {
      public Prefix(String prefix) {
        this(prefix, false);
      }
    }

    /**
     * The path itself, or what follows it after a slash.
     *
     * @param prefix does not end in a slash
     */
    record SeparatedPrefix(String prefix, boolean ignoreCase) implements PathMatch {}

    record Exact(String path, boolean ignoreCase) implements PathMatch {
      public Exact(String path) {
        this(path, false);
      }
    }

    /** The whole path, linear time. */
    record Regex(com.google.re2j.Pattern pattern) implements PathMatch {}
  }

  /**
   * A condition on a header, {@code :method}, {@code :authority}, {@code :scheme} and {@code :path}
   * included. A header that is missing matches nothing, also inverted, except as told here.
   *
   * @param name lower case
   * @param missingIsEmpty whether a missing header is taken for an empty one
   */
  public record HeaderMatch(String name, ValueMatch value, boolean invert, boolean missingIsEmpty) {

    public HeaderMatch(String name, ValueMatch value, boolean invert) {
      this(name, value, invert, false);
    }
  }

  /**
   * A condition on the first value of a query parameter, as it is written in the target.
   *
   * @param invert whether the parameter must be absent; only with {@link ValueMatch.Present}
   */
  public record QueryMatch(String name, ValueMatch value, boolean invert) {}

  /** A condition on a value; several values of one header are joined by a comma. */
  public sealed interface ValueMatch {

    /** Whether a value that is there fulfils it. */
    default boolean matches(String value) {
      return switch (this) {
        case Present _ -> true;
        case Exact(String text, boolean ignoreCase) ->
            ignoreCase ? value.equalsIgnoreCase(text) : value.equals(text);
        case Prefix(String text, boolean ignoreCase) ->
            value.regionMatches(ignoreCase, 0, text, 0, text.length());
        case Suffix(String text, boolean ignoreCase) ->
            value.regionMatches(ignoreCase, value.length() - text.length(), text, 0, text.length());
        case Contains(String text, boolean ignoreCase) ->
            ignoreCase
                ? value.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT))
                : value.contains(text);
        case Range range -> range.contains(value);
        case Regex regex -> regex.pattern().matches(value);
      };
    }

    record Present() implements ValueMatch {}

    record Exact(String value, boolean ignoreCase) implements ValueMatch {
      public Exact(String value) {
        this(value, false);
      }
    }

    record Prefix(String value, boolean ignoreCase) implements ValueMatch {
      public Prefix(String value) {
        this(value, false);
      }
    }

    record Suffix(String value, boolean ignoreCase) implements ValueMatch {
      public Suffix(String value) {
        this(value, false);
      }
    }

    record Contains(String value, boolean ignoreCase) implements ValueMatch {}

    /**
     * A decimal integer, signed or not.
     *
     * @param start inclusive
     * @param end exclusive
     */
    record Range(long start, long end) implements ValueMatch {
      private boolean contains(String value) {
        try {
          long number = Long.parseLong(value);
          return number >= start && number < end;
        } catch (NumberFormatException e) {
          return false;
        }
      }
    }

    /** The whole value, linear time. */
    record Regex(com.google.re2j.Pattern pattern) implements ValueMatch {}
  }

  public sealed interface RouteAction {
    /**
     * Sends the request on.
     *
     * @param clusters one or more; never empty
     * @param timeout bound on the whole request from its last byte; zero for none
     * @param idleTimeout bound on the stream without progress, instead of the connection manager's;
     *     zero for none, null for the connection manager's
     * @param rewrite what is changed in the request line; null for nothing
     * @param mirrors clusters that get a copy
     * @param hashPolicies what clusters go by that choose by hash; empty for nothing
     */
    record Forward(
        List<WeightedCluster> clusters,
        Duration timeout,
        @Nullable Duration idleTimeout,
        RetryPolicy retries,
        @Nullable RequestRewrite rewrite,
        List<Mirror> mirrors,
        List<HashPolicy> hashPolicies)
        implements RouteAction {
      public Forward {
        clusters = List.copyOf(clusters);
        mirrors = List.copyOf(mirrors);
        hashPolicies = List.copyOf(hashPolicies);
      }

      public Forward(List<WeightedCluster> clusters, Duration timeout, RetryPolicy retries) {
        this(clusters, timeout, null, retries, null, List.of(), List.of());
      }
    }

    record DirectResponse(int status, String body) implements RouteAction {}

    /**
     * Tells the client to ask elsewhere.
     *
     * @param scheme null for the request's
     * @param host null for the request's
     * @param port 0 for none, or the request's where host and scheme stay
     * @param path null for the request's
     */
    record Redirect(
        int status,
        @Nullable String scheme,
        @Nullable String host,
        int port,
        @Nullable PathRewrite path,
        boolean stripQuery)
        implements RouteAction {}
  }

  /**
   * What is changed in a request line.
   *
   * @param path null to leave it
   * @param host null to leave it
   */
  public record RequestRewrite(@Nullable PathRewrite path, @Nullable HostRewrite host) {}

  /** The new path of a request. */
  public sealed interface PathRewrite {
    /** Instead of the whole path; with its own query if it has one, else with the request's. */
    record Replace(String path) implements PathRewrite {}

    /**
     * Instead of what the route matched.
     *
     * @param matched the length of the prefix that is replaced; -1 for the whole path
     */
    record Prefix(int matched, String replacement) implements PathRewrite {}

    /** Every match in the path without its query; {@code $1} in the substitution is a group. */
    record Regex(com.google.re2j.Pattern pattern, String substitution) implements PathRewrite {}
  }

  /** The new authority of a request. */
  public sealed interface HostRewrite {
    record Literal(String host) implements HostRewrite {}

    /**
     * What a header says; the request's own where it is missing.
     *
     * @param name lower case
     */
    record FromHeader(String name) implements HostRewrite {}

    /** The path without its query, with every match substituted. */
    record FromPath(com.google.re2j.Pattern pattern, String substitution) implements HostRewrite {}
  }

  /**
   * A cluster that gets a copy of requests; what it answers is dropped.
   *
   * @param hostSuffix appended to the host
   */
  public record Mirror(String cluster, Share share, String hostSuffix) {}

  /**
   * Attempts after the first one, in the cases that {@link RetryOn} names, and where they are safe.
   *
   * <p>A retry goes to an endpoint not tried yet at once. Where there is none, it waits: by an
   * interval that doubles from {@code backOff} to {@code longestBackOff}, of which a random part is
   * taken, so that endpoints that are just being replaced are found.
   *
   * @param retries at most so many; 0 for none
   * @param on when
   * @param tryTimeout bound on one attempt, from its being sent to the head of its answer; zero for
   *     none
   * @param backOff above zero
   * @param longestBackOff no less than {@code backOff}
   */
  public record RetryPolicy(
      int retries, RetryOn on, Duration tryTimeout, Duration backOff, Duration longestBackOff) {

    /** Envoy's: retry_back_off of config/route/v3/route_components.proto. */
    public static final Duration DEFAULT_BACK_OFF = Duration.ofMillis(25);

    /** Envoy's: the longest interval is ten times the first unless it is named. */
    public static final int DEFAULT_GROWTH = 10;

    public static final RetryPolicy NONE = of(0);

    /** So many retries of what certainly never reached an app, with the default intervals. */
    public static RetryPolicy of(int retries) {
      return new RetryPolicy(
          retries,
          RetryOn.UNDELIVERED,
          Duration.ZERO,
          DEFAULT_BACK_OFF,
          DEFAULT_BACK_OFF.multipliedBy(DEFAULT_GROWTH));
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
