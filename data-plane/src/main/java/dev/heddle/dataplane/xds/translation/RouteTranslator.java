package dev.heddle.dataplane.xds.translation;

import com.google.re2j.Pattern;
import dev.heddle.dataplane.config.RouteConfiguration;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.Route;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.config.RouteConfiguration.VirtualHost;
import dev.heddle.dataplane.config.WeightedCluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** envoy.config.route.v3. */
final class RouteTranslator {

  /** Envoy's: a route that names no timeout is bounded by 15 seconds. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  private static final int MAX_RETRIES = 10;

  /** Envoy's. */
  private static final int DEFAULT_RETRIES = 1;

  /** Retrying on these never sends a request twice to an application. */
  private static final Set<String> SAFE_RETRY_CONDITIONS =
      Set.of("connect-failure", "refused-stream", "reset", "reset-before-request");

  private RouteTranslator() {}

  static RouteConfiguration configuration(
      io.envoyproxy.envoy.config.route.v3.RouteConfiguration configuration, FieldPath path) {
    path.allowOnly(
        configuration,
        Set.of("name", "virtual_hosts"),
        Set.of("metadata", "validate_clusters", "ignore_port_in_host_matching"));
    List<VirtualHost> hosts = new ArrayList<>(configuration.getVirtualHostsCount());
    for (int i = 0; i < configuration.getVirtualHostsCount(); i++) {
      hosts.add(virtualHost(configuration.getVirtualHosts(i), path.element("virtual_hosts", i)));
    }
    return new RouteConfiguration(configuration.getName(), hosts);
  }

  private static VirtualHost virtualHost(
      io.envoyproxy.envoy.config.route.v3.VirtualHost host, FieldPath path) {
    path.allowOnly(host, Set.of("name", "domains", "routes"), Set.of("metadata"));
    if (host.getDomainsCount() == 0) {
      throw path.field("domains").invalid("[]", "at least one domain");
    }
    for (int i = 0; i < host.getDomainsCount(); i++) {
      String domain = host.getDomains(i);
      int wildcard = domain.indexOf('*');
      boolean inside = wildcard > 0 && wildcard < domain.length() - 1;
      if (domain.isEmpty() || inside || wildcard != domain.lastIndexOf('*')) {
        throw path.element("domains", i).invalid('"' + domain + '"', "a.b, *.b, a.* or *");
      }
    }
    List<Route> routes = new ArrayList<>(host.getRoutesCount());
    for (int i = 0; i < host.getRoutesCount(); i++) {
      routes.add(route(host.getRoutes(i), path.element("routes", i)));
    }
    return new VirtualHost(host.getName(), List.copyOf(host.getDomainsList()), routes);
  }

  private static Route route(io.envoyproxy.envoy.config.route.v3.Route route, FieldPath path) {
    path.allowOnly(
        route,
        Set.of("name", "match", "route", "direct_response"),
        Set.of("metadata", "decorator", "stat_prefix"));
    RouteMatch match = match(route.getMatch(), path.field("match"));
    RouteAction action =
        switch (route.getActionCase()) {
          case ROUTE -> forward(route.getRoute(), path.field("route"));
          case DIRECT_RESPONSE ->
              directResponse(route.getDirectResponse(), path.field("direct_response"));
          case REDIRECT, FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET ->
              throw path.invalid(route.getActionCase(), "route or direct_response");
        };
    return new Route(route.getName(), match, action);
  }

  private static RouteMatch match(
      io.envoyproxy.envoy.config.route.v3.RouteMatch match, FieldPath path) {
    path.allowOnly(match, Set.of("prefix", "path", "safe_regex", "case_sensitive", "headers"));
    Values.onlyTrue(
        match.hasCaseSensitive(), match.getCaseSensitive(), path.field("case_sensitive"));
    PathMatch pathMatch =
        switch (match.getPathSpecifierCase()) {
          case PREFIX -> new PathMatch.Prefix(match.getPrefix());
          case PATH -> new PathMatch.Exact(match.getPath());
          case SAFE_REGEX ->
              new PathMatch.Regex(Values.regex(match.getSafeRegex(), path.field("safe_regex")));
          case CONNECT_MATCHER, PATH_SEPARATED_PREFIX, PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
              throw path.invalid(match.getPathSpecifierCase(), "prefix, path or safe_regex");
        };
    List<HeaderMatch> headers = new ArrayList<>(match.getHeadersCount());
    for (int i = 0; i < match.getHeadersCount(); i++) {
      headers.add(header(match.getHeaders(i), path.element("headers", i)));
    }
    return new RouteMatch(pathMatch, headers);
  }

  static HeaderMatch header(HeaderMatcher matcher, FieldPath path) {
    path.allowOnly(matcher, Set.of("name", "string_match", "present_match", "invert_match"));
    String name = matcher.getName().toLowerCase(Locale.ROOT);
    if (name.isEmpty() || name.equals(":path")) {
      throw path.field("name").invalid('"' + name + '"', "a header name other than :path");
    }
    boolean invert = matcher.getInvertMatch();
    return switch (matcher.getHeaderMatchSpecifierCase()) {
      case STRING_MATCH ->
          new HeaderMatch(
              name, value(matcher.getStringMatch(), path.field("string_match")), invert);
      case PRESENT_MATCH ->
          new HeaderMatch(name, new ValueMatch.Present(), invert == matcher.getPresentMatch());
      case HEADERMATCHSPECIFIER_NOT_SET -> new HeaderMatch(name, new ValueMatch.Present(), invert);
      case EXACT_MATCH, PREFIX_MATCH, SUFFIX_MATCH, SAFE_REGEX_MATCH, RANGE_MATCH, CONTAINS_MATCH ->
          throw path.invalid(
              matcher.getHeaderMatchSpecifierCase(), "string_match or present_match");
    };
  }

  private static ValueMatch value(StringMatcher matcher, FieldPath path) {
    path.allowOnly(matcher, Set.of("exact", "prefix", "suffix", "safe_regex", "contains"));
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> new ValueMatch.Exact(matcher.getExact());
      case PREFIX -> new ValueMatch.Prefix(matcher.getPrefix());
      case SUFFIX -> new ValueMatch.Suffix(matcher.getSuffix());
      case CONTAINS ->
          new ValueMatch.Regex(
              Pattern.compile("(?s).*" + Pattern.quote(matcher.getContains()) + ".*"));
      case SAFE_REGEX ->
          new ValueMatch.Regex(Values.regex(matcher.getSafeRegex(), path.field("safe_regex")));
      case CUSTOM, MATCHPATTERN_NOT_SET ->
          throw path.invalid(
              matcher.getMatchPatternCase(), "exact, prefix, suffix, contains or safe_regex");
    };
  }

  private static RouteAction.Forward forward(
      io.envoyproxy.envoy.config.route.v3.RouteAction action, FieldPath path) {
    path.allowOnly(
        action, Set.of("cluster", "weighted_clusters", "timeout", "retry_policy", "hash_policy"));
    List<WeightedCluster> clusters =
        switch (action.getClusterSpecifierCase()) {
          case CLUSTER ->
              List.of(new WeightedCluster(name(action.getCluster(), path.field("cluster")), 1));
          case WEIGHTED_CLUSTERS ->
              weightedClusters(action.getWeightedClusters(), path.field("weighted_clusters"));
          case CLUSTER_HEADER,
              CLUSTER_SPECIFIER_PLUGIN,
              INLINE_CLUSTER_SPECIFIER_PLUGIN,
              CLUSTERSPECIFIER_NOT_SET ->
              throw path.invalid(action.getClusterSpecifierCase(), "cluster or weighted_clusters");
        };
    Duration timeout =
        action.hasTimeout()
            ? Values.duration(action.getTimeout(), path.field("timeout"))
            : DEFAULT_TIMEOUT;
    RetryPolicy retries =
        action.hasRetryPolicy()
            ? retries(action.getRetryPolicy(), path.field("retry_policy"))
            : RetryPolicy.NONE;
    return new RouteAction.Forward(
        clusters, timeout, retries, HashPolicyTranslator.policies(action, path));
  }

  private static List<WeightedCluster> weightedClusters(
      io.envoyproxy.envoy.config.route.v3.WeightedCluster weighted, FieldPath path) {
    path.allowOnly(weighted, Set.of("clusters"), Set.of("total_weight"));
    if (weighted.getClustersCount() == 0) {
      throw path.field("clusters").invalid("[]", "at least one cluster");
    }
    List<WeightedCluster> clusters = new ArrayList<>(weighted.getClustersCount());
    for (int i = 0; i < weighted.getClustersCount(); i++) {
      FieldPath at = path.element("clusters", i);
      at.allowOnly(weighted.getClusters(i), Set.of("name", "weight"));
      clusters.add(
          new WeightedCluster(
              name(weighted.getClusters(i).getName(), at.field("name")),
              Integer.toUnsignedLong(weighted.getClusters(i).getWeight().getValue())));
    }
    return clusters;
  }

  private static String name(String cluster, FieldPath path) {
    if (cluster.isEmpty()) {
      throw path.invalid("\"\"", "a cluster's name");
    }
    return cluster;
  }

  private static RetryPolicy retries(
      io.envoyproxy.envoy.config.route.v3.RetryPolicy policy, FieldPath path) {
    path.allowOnly(
        policy,
        Set.of("retry_on", "num_retries", "retry_back_off"),
        Set.of("host_selection_retry_max_attempts", "retry_host_predicate"));
    for (String condition : policy.getRetryOn().split(",", -1)) {
      if (!SAFE_RETRY_CONDITIONS.contains(condition.strip())) {
        throw path.field("retry_on")
            .invalid(
                '"' + condition + '"',
                "any of " + SAFE_RETRY_CONDITIONS.stream().sorted().toList());
      }
    }
    int retries = policy.hasNumRetries() ? policy.getNumRetries().getValue() : DEFAULT_RETRIES;
    if (retries < 0 || retries > MAX_RETRIES) {
      throw path.field("num_retries")
          .invalid(Integer.toUnsignedString(retries), "0 to " + MAX_RETRIES);
    }
    return policy.hasRetryBackOff()
        ? backOff(retries, policy.getRetryBackOff(), path.field("retry_back_off"))
        : RetryPolicy.of(retries);
  }

  private static RetryPolicy backOff(int retries, RetryBackOff intervals, FieldPath path) {
    path.allowOnly(intervals, Set.of("base_interval", "max_interval"));
    FieldPath basePath = path.field("base_interval");
    Duration base = Values.duration(intervals.getBaseInterval(), basePath);
    if (!base.isPositive()) {
      throw basePath.invalid(base, "above 0");
    }
    if (!intervals.hasMaxInterval()) {
      return new RetryPolicy(retries, base, base.multipliedBy(RetryPolicy.DEFAULT_GROWTH));
    }
    FieldPath longestPath = path.field("max_interval");
    Duration longest = Values.duration(intervals.getMaxInterval(), longestPath);
    if (longest.compareTo(base) < 0) {
      throw longestPath.invalid(longest, "no less than base_interval, " + base);
    }
    return new RetryPolicy(retries, base, longest);
  }

  private static RouteAction.DirectResponse directResponse(
      DirectResponseAction response, FieldPath path) {
    path.allowOnly(response, Set.of("status", "body"));
    if (response.getStatus() < 200 || response.getStatus() > 599) {
      throw path.field("status").invalid(response.getStatus(), "200 to 599");
    }
    DataSource body = response.getBody();
    FieldPath bodyPath = path.field("body");
    bodyPath.allowOnly(body, Set.of("inline_string", "inline_bytes"));
    return new RouteAction.DirectResponse(
        response.getStatus(),
        body.hasInlineBytes() ? body.getInlineBytes().toStringUtf8() : body.getInlineString());
  }
}
