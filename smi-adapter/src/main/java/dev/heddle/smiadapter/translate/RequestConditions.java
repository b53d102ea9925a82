package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.state.HeaderCondition;
import dev.heddle.smiadapter.state.RequestMatch;
import dev.heddle.smiadapter.state.TextCondition;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says which requests are meant, in a route and in a permission. Expressions match a text as a
 * whole in both, and a path without its query.
 */
final class RequestConditions {

  private static final String METHOD = ":method";
  private static final String EVERY_PATH = "/";

  private RequestConditions() {}

  /** As a route has it. */
  static RouteMatch route(RequestMatch match) {
    RouteMatch.Builder route = RouteMatch.newBuilder();
    switch (match.path()) {
      case null -> route.setPrefix(EVERY_PATH);
      case TextCondition.Exact(String text) -> route.setPath(text);
      case TextCondition.Prefix(String prefix) -> route.setPrefix(prefix);
      case TextCondition.Pattern(String regex) -> route.setSafeRegex(regex(regex));
    }
    headers(match).forEach(route::addHeaders);
    return route.build();
  }

  /** As a permission has it: all of these; none for every request. */
  static List<Permission> permissions(RequestMatch match) {
    List<Permission> all = new ArrayList<>();
    TextCondition path = match.path();
    if (path != null) {
      all.add(
          Permission.newBuilder().setUrlPath(PathMatcher.newBuilder().setPath(text(path))).build());
    }
    headers(match).forEach(header -> all.add(Permission.newBuilder().setHeader(header).build()));
    return all;
  }

  private static Stream<HeaderMatcher> headers(RequestMatch match) {
    Stream<HeaderMatcher> method =
        match.methods().isEmpty()
            ? Stream.empty()
            : Stream.of(header(METHOD, methods(match.methods())));
    return Stream.concat(method, match.headers().stream().map(RequestConditions::header));
  }

  /** One matcher for all methods, so that they do not multiply with other conditions. */
  private static StringMatcher methods(List<String> methods) {
    return methods.size() == 1
        ? text(new TextCondition.Exact(methods.getFirst()))
        : text(new TextCondition.Pattern(String.join("|", methods)));
  }

  private static HeaderMatcher header(HeaderCondition condition) {
    return header(condition.name(), text(condition.value()));
  }

  private static HeaderMatcher header(String name, StringMatcher value) {
    return HeaderMatcher.newBuilder().setName(name).setStringMatch(value).build();
  }

  private static StringMatcher text(TextCondition condition) {
    StringMatcher.Builder matcher = StringMatcher.newBuilder();
    switch (condition) {
      case TextCondition.Exact(String text) -> matcher.setExact(text);
      case TextCondition.Prefix(String prefix) -> matcher.setPrefix(prefix);
      case TextCondition.Pattern(String regex) -> matcher.setSafeRegex(regex(regex));
    }
    return matcher.build();
  }

  private static RegexMatcher regex(String regex) {
    return RegexMatcher.newBuilder().setRegex(regex).build();
  }
}
