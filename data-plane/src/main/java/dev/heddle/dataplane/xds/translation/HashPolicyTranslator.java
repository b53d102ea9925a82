package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.HashPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** envoy.config.route.v3.RouteAction.HashPolicy. */
final class HashPolicyTranslator {
  private HashPolicyTranslator() {}

  static List<HashPolicy> policies(RouteAction action, FieldPath path) {
    List<HashPolicy> policies = new ArrayList<>(action.getHashPolicyCount());
    for (int i = 0; i < action.getHashPolicyCount(); i++) {
      policies.add(policy(action.getHashPolicy(i), path.element("hash_policy", i)));
    }
    return policies;
  }

  private static HashPolicy policy(RouteAction.HashPolicy policy, FieldPath path) {
    boolean terminal = policy.getTerminal();
    return switch (policy.getPolicySpecifierCase()) {
      case HEADER -> {
        FieldPath at = path.field("header");
        at.allowOnly(policy.getHeader(), Set.of("header_name"));
        yield new HashPolicy.Header(
            name(policy.getHeader().getHeaderName(), at.field("header_name"))
                .toLowerCase(Locale.ROOT),
            terminal);
      }
      case COOKIE -> {
        RouteAction.HashPolicy.Cookie cookie = policy.getCookie();
        FieldPath at = path.field("cookie");
        at.allowOnly(cookie, Set.of("name", "ttl", "path"));
        yield new HashPolicy.Cookie(
            name(cookie.getName(), at.field("name")),
            cookie.hasTtl() ? Values.duration(cookie.getTtl(), at.field("ttl")) : null,
            cookie.getPath(),
            terminal);
      }
      case CONNECTION_PROPERTIES -> {
        if (!policy.getConnectionProperties().getSourceIp()) {
          throw path.field("connection_properties").field("source_ip").invalid(false, "true");
        }
        yield new HashPolicy.SourceAddress(terminal);
      }
      case QUERY_PARAMETER ->
          new HashPolicy.QueryParameter(
              name(
                  policy.getQueryParameter().getName(),
                  path.field("query_parameter").field("name")),
              terminal);
      case FILTER_STATE, POLICYSPECIFIER_NOT_SET ->
          throw path.invalid(
              policy.getPolicySpecifierCase(),
              "header, cookie, connection_properties or query_parameter");
    };
  }

  private static String name(String name, FieldPath path) {
    if (name.isEmpty()) {
      throw path.invalid("\"\"", "a name");
    }
    return name;
  }
}
