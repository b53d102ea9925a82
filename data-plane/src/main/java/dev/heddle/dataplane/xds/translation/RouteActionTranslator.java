package dev.heddle.dataplane.xds.translation;

import com.google.re2j.Pattern;
import dev.heddle.dataplane.config.RouteConfiguration.HostRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.Mirror;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.RequestRewrite;
import dev.heddle.dataplane.config.RouteConfiguration.RetryPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.RouteAction;
import dev.heddle.dataplane.config.Share;
import dev.heddle.dataplane.config.WeightedCluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a route of envoy.config.route.v3 does with requests. */
final class RouteActionTranslator {

  /** Envoy's: a route that names no timeout is bounded by 15 seconds. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  private RouteActionTranslator() {}

  /**
   * Sending on.
   *
   * @param match what the route matches, a prefix of which may be rewritten
   * @param inherited what the virtual host says where the route is silent
   */
  static RouteAction.Forward forward(
      io.envoyproxy.envoy.config.route.v3.RouteAction action,
      PathMatch match,
      Inherited inherited,
      FieldPath path) {
    path.allowOnly(
        action,
        Set.of(
            "cluster",
            "weighted_clusters",
            "timeout",
            "idle_timeout",
            "retry_policy",
            "hash_policy",
            "prefix_rewrite",
            "regex_rewrite",
            "host_rewrite_literal",
            "host_rewrite_header",
            "host_rewrite_path_regex",
            "request_mirror_policies"));
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
    @Nullable Duration idleTimeout =
        action.hasIdleTimeout()
            ? Values.duration(action.getIdleTimeout(), path.field("idle_timeout"))
            : null;
    RetryPolicy retries =
        action.hasRetryPolicy()
            ? RetryPolicyTranslator.policy(action.getRetryPolicy(), path.field("retry_policy"))
            : inherited.retries();
    return new RouteAction.Forward(
        clusters,
        timeout,
        idleTimeout,
        retries,
        rewrite(action, match, path),
        action.getRequestMirrorPoliciesCount() == 0
            ? inherited.mirrors()
            : mirrors(action.getRequestMirrorPoliciesList(), path),
        HashPolicyTranslator.policies(action, path));
  }

  /** What routes have that do not say otherwise. */
  record Inherited(RetryPolicy retries, List<Mirror> mirrors) {
    static final Inherited NOTHING = new Inherited(RetryPolicy.NONE, List.of());
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
      var cluster = weighted.getClusters(i);
      at.allowOnly(
          cluster,
          Set.of(
              "name",
              "weight",
              "request_headers_to_add",
              "request_headers_to_remove",
              "response_headers_to_add",
              "response_headers_to_remove"));
      clusters.add(
          new WeightedCluster(
              name(cluster.getName(), at.field("name")),
              Integer.toUnsignedLong(cluster.getWeight().getValue()),
              HeaderMutationTranslator.mutations(
                  cluster.getRequestHeadersToAddList(),
                  cluster.getRequestHeadersToRemoveList(),
                  cluster.getResponseHeadersToAddList(),
                  cluster.getResponseHeadersToRemoveList(),
                  at)));
    }
    return clusters;
  }

  private static String name(String cluster, FieldPath path) {
    if (cluster.isEmpty()) {
      throw path.invalid("\"\"", "a cluster's name");
    }
    return cluster;
  }

  private static @Nullable RequestRewrite rewrite(
      io.envoyproxy.envoy.config.route.v3.RouteAction action, PathMatch match, FieldPath path) {
    @Nullable PathRewrite newPath = null;
    if (!action.getPrefixRewrite().isEmpty()) {
      newPath = prefix(action.getPrefixRewrite(), match, path.field("prefix_rewrite"));
    }
    if (action.hasRegexRewrite()) {
      FieldPath at = path.field("regex_rewrite");
      if (newPath != null) {
        throw at.invalid(action.getRegexRewrite(), "not set together with prefix_rewrite");
      }
      newPath =
          new PathRewrite.Regex(
              pattern(action.getRegexRewrite(), at), substitution(action.getRegexRewrite(), at));
    }
    @Nullable HostRewrite newHost =
        switch (action.getHostRewriteSpecifierCase()) {
          case HOST_REWRITE_LITERAL ->
              new HostRewrite.Literal(
                  host(action.getHostRewriteLiteral(), path.field("host_rewrite_literal")));
          case HOST_REWRITE_HEADER ->
              new HostRewrite.FromHeader(action.getHostRewriteHeader().toLowerCase(Locale.ROOT));
          case HOST_REWRITE_PATH_REGEX -> {
            FieldPath at = path.field("host_rewrite_path_regex");
            yield new HostRewrite.FromPath(
                pattern(action.getHostRewritePathRegex(), at),
                substitution(action.getHostRewritePathRegex(), at));
          }
          case AUTO_HOST_REWRITE, HOSTREWRITESPECIFIER_NOT_SET -> null;
        };
    return newPath == null && newHost == null ? null : new RequestRewrite(newPath, newHost);
  }

  private static PathRewrite prefix(String replacement, PathMatch match, FieldPath path) {
    String checked = printable(replacement, path);
    return switch (match) {
      case PathMatch.Prefix prefix -> new PathRewrite.Prefix(prefix.prefix().length(), checked);
      case PathMatch.SeparatedPrefix prefix ->
          new PathRewrite.Prefix(prefix.prefix().length(), checked);
      case PathMatch.Exact _, PathMatch.Regex _ -> new PathRewrite.Prefix(-1, checked);
    };
  }

  private static Pattern pattern(RegexMatchAndSubstitute rewrite, FieldPath path) {
    path.allowOnly(rewrite, Set.of("pattern", "substitution"));
    return Values.regex(rewrite.getPattern(), path.field("pattern"));
  }

  /** RE2's {@code \1} and {@code \\}, as RE2/J wants them. */
  private static String substitution(RegexMatchAndSubstitute rewrite, FieldPath path) {
    FieldPath at = path.field("substitution");
    String text = printable(rewrite.getSubstitution(), at);
    int groups = pattern(rewrite, path).groupCount();
    StringBuilder substitution = new StringBuilder(text.length() + 4);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '$') {
        substitution.append("\\$");
      } else if (c != '\\') {
        substitution.append(c);
      } else {
        i++;
        char next = i < text.length() ? text.charAt(i) : ' ';
        if (next == '\\') {
          substitution.append("\\\\");
        } else if (next >= '0' && next <= '9' && next - '0' <= groups) {
          // Braces would be a name; a digit that follows must not become part of the number.
          substitution.append('$').append(next);
          if (i + 1 < text.length() && Character.isDigit(text.charAt(i + 1))) {
            substitution.append('\\').append(text.charAt(++i));
          }
        } else {
          throw at.invalid('"' + text + '"', "\\0 to \\" + groups + ", or \\\\");
        }
      }
    }
    return substitution.toString();
  }

  static List<Mirror> mirrors(
      List<io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy> policies,
      FieldPath path) {
    List<Mirror> mirrors = new ArrayList<>(policies.size());
    for (int i = 0; i < policies.size(); i++) {
      var policy = policies.get(i);
      FieldPath at = path.element("request_mirror_policies", i);
      at.allowOnly(
          policy,
          Set.of("cluster", "runtime_fraction", "disable_shadow_host_suffix_append"),
          Set.of("trace_sampled"));
      mirrors.add(
          new Mirror(
              name(policy.getCluster(), at.field("cluster")),
              policy.hasRuntimeFraction()
                  ? Values.share(policy.getRuntimeFraction(), at.field("runtime_fraction"))
                  : Share.ALL,
              policy.getDisableShadowHostSuffixAppend() ? "" : "-shadow"));
    }
    return mirrors;
  }

  static RouteAction.Redirect redirect(RedirectAction action, PathMatch match, FieldPath path) {
    path.allowOnly(
        action,
        Set.of(
            "https_redirect",
            "scheme_redirect",
            "host_redirect",
            "port_redirect",
            "path_redirect",
            "prefix_rewrite",
            "regex_rewrite",
            "response_code",
            "strip_query"));
    int port = action.getPortRedirect();
    if (port < 0 || port > 65535) {
      throw path.field("port_redirect").invalid(Integer.toUnsignedString(port), "1 to 65535");
    }
    @Nullable String scheme =
        switch (action.getSchemeRewriteSpecifierCase()) {
          case HTTPS_REDIRECT -> action.getHttpsRedirect() ? "https" : null;
          case SCHEME_REDIRECT -> scheme(action, path.field("scheme_redirect"));
          case SCHEMEREWRITESPECIFIER_NOT_SET -> null;
        };
    @Nullable PathRewrite newPath =
        switch (action.getPathRewriteSpecifierCase()) {
          case PATH_REDIRECT ->
              new PathRewrite.Replace(
                  printable(action.getPathRedirect(), path.field("path_redirect")));
          case PREFIX_REWRITE ->
              prefix(action.getPrefixRewrite(), match, path.field("prefix_rewrite"));
          case REGEX_REWRITE -> {
            FieldPath at = path.field("regex_rewrite");
            yield new PathRewrite.Regex(
                pattern(action.getRegexRewrite(), at), substitution(action.getRegexRewrite(), at));
          }
          case PATHREWRITESPECIFIER_NOT_SET -> null;
        };
    return new RouteAction.Redirect(
        switch (action.getResponseCode()) {
          case MOVED_PERMANENTLY -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
          case UNRECOGNIZED ->
              throw path.field("response_code")
                  .invalid(action.getResponseCodeValue(), "a code of the Envoy API");
        },
        scheme,
        action.getHostRedirect().isEmpty()
            ? null
            : host(action.getHostRedirect(), path.field("host_redirect")),
        port,
        newPath,
        action.getStripQuery());
  }

  private static @Nullable String scheme(RedirectAction action, FieldPath path) {
    String scheme = action.getSchemeRedirect();
    if (!scheme.matches("[A-Za-z][A-Za-z0-9+.-]*")) {
      throw path.invalid('"' + scheme + '"', "a URI scheme");
    }
    return scheme;
  }

  private static String host(String host, FieldPath path) {
    if (!host.matches("[A-Za-z0-9._~!$&'()*+;=:\\[\\]%-]+")) {
      throw path.invalid('"' + host + '"', "host and port");
    }
    return host;
  }

  private static String printable(String text, FieldPath path) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw path.invalid('"' + text + '"', "printable ASCII without space or #");
      }
    }
    return text;
  }

  static RouteAction.DirectResponse directResponse(DirectResponseAction response, FieldPath path) {
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
