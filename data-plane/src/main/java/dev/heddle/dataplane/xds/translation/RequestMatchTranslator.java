package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.QueryMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int64Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** envoy.config.route.v3.RouteMatch and the matchers in it. */
final class RequestMatchTranslator {

  private RequestMatchTranslator() {}

  static RouteMatch match(io.envoyproxy.envoy.config.route.v3.RouteMatch match, FieldPath path) {
    path.allowOnly(
        match,
        Set.of(
            "prefix",
            "path",
            "safe_regex",
            "path_separated_prefix",
            "case_sensitive",
            "headers",
            "query_parameters",
            "grpc"));
    boolean ignoreCase = match.hasCaseSensitive() && !match.getCaseSensitive().getValue();
    PathMatch pathMatch =
        switch (match.getPathSpecifierCase()) {
          case PREFIX -> new PathMatch.Prefix(match.getPrefix(), ignoreCase);
          case PATH -> new PathMatch.Exact(match.getPath(), ignoreCase);
          case PATH_SEPARATED_PREFIX -> separatedPrefix(match, ignoreCase, path);
          case SAFE_REGEX -> {
            if (ignoreCase) {
              throw path.field("case_sensitive").invalid(false, "(?i) in the regex instead");
            }
            yield new PathMatch.Regex(Values.regex(match.getSafeRegex(), path.field("safe_regex")));
          }
          case CONNECT_MATCHER, PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
              throw path.invalid(
                  match.getPathSpecifierCase(),
                  "prefix, path, path_separated_prefix or safe_regex");
        };
    List<QueryMatch> query = new ArrayList<>(match.getQueryParametersCount());
    for (int i = 0; i < match.getQueryParametersCount(); i++) {
      query.add(query(match.getQueryParameters(i), path.element("query_parameters", i)));
    }
    return new RouteMatch(pathMatch, headers(match.getHeadersList(), path), query, match.hasGrpc());
  }

  /** The matchers of a field named {@code headers}. */
  static List<HeaderMatch> headers(List<HeaderMatcher> matchers, FieldPath path) {
    List<HeaderMatch> headers = new ArrayList<>(matchers.size());
    for (int i = 0; i < matchers.size(); i++) {
      headers.add(header(matchers.get(i), path.element("headers", i)));
    }
    return headers;
  }

  private static PathMatch separatedPrefix(
      io.envoyproxy.envoy.config.route.v3.RouteMatch match, boolean ignoreCase, FieldPath path) {
    String prefix = match.getPathSeparatedPrefix();
    if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.matches(".*[?#].*")) {
      throw path.field("path_separated_prefix")
          .invalid('"' + prefix + '"', "a path without query that does not end in a slash");
    }
    return new PathMatch.SeparatedPrefix(prefix, ignoreCase);
  }

  @SuppressWarnings("deprecation") // The older fields are what many control planes still send.
  static HeaderMatch header(HeaderMatcher matcher, FieldPath path) {
    path.allowOnly(
        matcher,
        Set.of(
            "name",
            "string_match",
            "present_match",
            "range_match",
            "exact_match",
            "prefix_match",
            "suffix_match",
            "contains_match",
            "safe_regex_match",
            "invert_match",
            "treat_missing_header_as_empty"));
    String name = matcher.getName().toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      throw path.field("name").invalid("\"\"", "a header name");
    }
    boolean invert = matcher.getInvertMatch();
    boolean empty = matcher.getTreatMissingHeaderAsEmpty();
    ValueMatch value =
        switch (matcher.getHeaderMatchSpecifierCase()) {
          case STRING_MATCH -> value(matcher.getStringMatch(), path.field("string_match"));
          case RANGE_MATCH -> range(matcher.getRangeMatch(), path.field("range_match"));
          case PRESENT_MATCH -> {
            invert = invert == matcher.getPresentMatch();
            yield new ValueMatch.Present();
          }
          case HEADERMATCHSPECIFIER_NOT_SET -> new ValueMatch.Present();
          case EXACT_MATCH -> new ValueMatch.Exact(matcher.getExactMatch());
          case PREFIX_MATCH -> new ValueMatch.Prefix(matcher.getPrefixMatch());
          case SUFFIX_MATCH -> new ValueMatch.Suffix(matcher.getSuffixMatch());
          case CONTAINS_MATCH -> new ValueMatch.Contains(matcher.getContainsMatch(), false);
          case SAFE_REGEX_MATCH ->
              new ValueMatch.Regex(
                  Values.regex(matcher.getSafeRegexMatch(), path.field("safe_regex_match")));
        };
    if (empty && value instanceof ValueMatch.Present) {
      throw path.field("treat_missing_header_as_empty")
          .invalid(true, "not set with a match on presence");
    }
    return new HeaderMatch(name, value, invert, empty);
  }

  private static ValueMatch range(Int64Range range, FieldPath path) {
    path.allowOnly(range, Set.of("start", "end"));
    return new ValueMatch.Range(range.getStart(), range.getEnd());
  }

  private static QueryMatch query(QueryParameterMatcher matcher, FieldPath path) {
    path.allowOnly(matcher, Set.of("name", "string_match", "present_match"));
    if (matcher.getName().isEmpty()) {
      throw path.field("name").invalid("\"\"", "a parameter's name");
    }
    return switch (matcher.getQueryParameterMatchSpecifierCase()) {
      case STRING_MATCH ->
          new QueryMatch(
              matcher.getName(),
              value(matcher.getStringMatch(), path.field("string_match")),
              false);
      case PRESENT_MATCH ->
          new QueryMatch(matcher.getName(), new ValueMatch.Present(), !matcher.getPresentMatch());
      case QUERYPARAMETERMATCHSPECIFIER_NOT_SET ->
          new QueryMatch(matcher.getName(), new ValueMatch.Present(), false);
    };
  }

  static ValueMatch value(StringMatcher matcher, FieldPath path) {
    path.allowOnly(
        matcher, Set.of("exact", "prefix", "suffix", "safe_regex", "contains", "ignore_case"));
    boolean ignoreCase = matcher.getIgnoreCase();
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> new ValueMatch.Exact(matcher.getExact(), ignoreCase);
      case PREFIX -> new ValueMatch.Prefix(matcher.getPrefix(), ignoreCase);
      case SUFFIX -> new ValueMatch.Suffix(matcher.getSuffix(), ignoreCase);
      case CONTAINS -> new ValueMatch.Contains(matcher.getContains(), ignoreCase);
      case SAFE_REGEX -> {
        if (ignoreCase) {
          throw path.field("ignore_case").invalid(true, "(?i) in the regex instead");
        }
        yield new ValueMatch.Regex(Values.regex(matcher.getSafeRegex(), path.field("safe_regex")));
      }
      case CUSTOM, MATCHPATTERN_NOT_SET ->
          throw path.invalid(
              matcher.getMatchPatternCase(), "exact, prefix, suffix, contains or safe_regex");
    };
  }
}
