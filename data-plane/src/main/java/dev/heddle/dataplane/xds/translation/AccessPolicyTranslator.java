package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.AccessPolicy.Rule;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.rbac.v3.RBAC: permissions are brought into the form "any of these rules, each all of
 * these".
 */
final class AccessPolicyTranslator {

  /** What a tree of conditions may grow to when it is multiplied out. */
  private static final int MAX_ALTERNATIVES = 1024;

  private AccessPolicyTranslator() {}

  /** The policy on requests that an RBAC message states. */
  static AccessPolicy policy(RBAC rbac, FieldPath path) {
    path.allowOnly(rbac, Set.of("action", "policies"));
    if (rbac.getAction() != RBAC.Action.ALLOW) {
      throw path.field("action").invalid(rbac.getAction(), "ALLOW");
    }
    List<Rule> rules = new ArrayList<>();
    for (Map.Entry<String, Policy> entry : new TreeMap<>(rbac.getPoliciesMap()).entrySet()) {
      FieldPath at = path.entry("policies", entry.getKey());
      Policy policy = entry.getValue();
      at.allowOnly(policy, Set.of("permissions", "principals"));
      List<String> principals = principals(policy, at);
      for (int i = 0; i < policy.getPermissionsCount(); i++) {
        FieldPath permissionPath = at.element("permissions", i);
        for (Condition condition : alternatives(policy.getPermissions(i), permissionPath)) {
          rules.add(condition.rule(entry.getKey(), principals));
        }
      }
    }
    return new AccessPolicy(rules);
  }

  private static List<String> principals(Policy policy, FieldPath path) {
    if (policy.getPrincipalsCount() == 0) {
      throw path.field("principals").invalid("[]", "at least one principal");
    }
    List<String> names = new ArrayList<>();
    boolean anybody = false;
    for (int i = 0; i < policy.getPrincipalsCount(); i++) {
      anybody |= !principal(policy.getPrincipals(i), names, path.element("principals", i));
    }
    return anybody ? List.of() : names;
  }

  /** Adds the principal's names; false when it is anybody. */
  private static boolean principal(Principal principal, List<String> names, FieldPath path) {
    path.allowOnly(principal, Set.of("any", "authenticated", "or_ids"));
    return switch (principal.getIdentifierCase()) {
      case ANY -> {
        if (!principal.getAny()) {
          throw path.field("any").invalid(false, "true");
        }
        yield false;
      }
      case AUTHENTICATED -> {
        StringMatcher name = principal.getAuthenticated().getPrincipalName();
        FieldPath at = path.field("authenticated");
        at.allowOnly(principal.getAuthenticated(), Set.of("principal_name"));
        at.field("principal_name").allowOnly(name, Set.of("exact"));
        if (name.getExact().isEmpty()) {
          throw at.field("principal_name").invalid(name, "exact: a SPIFFE id");
        }
        names.add(name.getExact());
        yield true;
      }
      case OR_IDS -> {
        boolean named = true;
        for (int i = 0; i < principal.getOrIds().getIdsCount(); i++) {
          named &=
              principal(
                  principal.getOrIds().getIds(i), names, path.field("or_ids").element("ids", i));
        }
        yield named;
      }
      case AND_IDS,
          SOURCE_IP,
          DIRECT_REMOTE_IP,
          REMOTE_IP,
          HEADER,
          URL_PATH,
          METADATA,
          FILTER_STATE,
          NOT_ID,
          SOURCED_METADATA,
          CUSTOM,
          IDENTIFIER_NOT_SET ->
          throw path.invalid(principal.getIdentifierCase(), "any, authenticated or or_ids");
    };
  }

  /** A conjunction; no ports means every port, no path every path. */
  private record Condition(
      List<Integer> ports, @Nullable PathMatch path, List<HeaderMatch> headers) {
    static final Condition TRUE = new Condition(List.of(), null, List.of());

    boolean onRequest() {
      return path != null || !headers.isEmpty();
    }

    Rule rule(String name, List<String> principals) {
      @Nullable RouteMatch request =
          onRequest()
              ? new RouteMatch(path == null ? new PathMatch.Prefix("/") : path, headers)
              : null;
      return new Rule(name, principals, ports, request);
    }

    Condition and(Condition other, FieldPath at) {
      if (path != null && other.path != null && !path.equals(other.path)) {
        throw at.invalid(other.path, "at most one path in a conjunction");
      }
      if (!ports.isEmpty() && !other.ports.isEmpty() && !ports.equals(other.ports)) {
        throw at.invalid(other.ports, "at most one port in a conjunction");
      }
      List<HeaderMatch> both = new ArrayList<>(headers);
      both.addAll(other.headers);
      return new Condition(
          ports.isEmpty() ? other.ports : ports, path == null ? other.path : path, both);
    }
  }

  private static List<Condition> alternatives(Permission permission, FieldPath path) {
    path.allowOnly(
        permission,
        Set.of("any", "header", "url_path", "destination_port", "and_rules", "or_rules"));
    return switch (permission.getRuleCase()) {
      case ANY -> {
        if (!permission.getAny()) {
          throw path.field("any").invalid(false, "true");
        }
        yield List.of(Condition.TRUE);
      }
      case DESTINATION_PORT -> {
        int port = permission.getDestinationPort();
        if (port < 1 || port > 65535) {
          throw path.field("destination_port")
              .invalid(Integer.toUnsignedString(port), "1 to 65535");
        }
        yield List.of(new Condition(List.of(port), null, List.of()));
      }
      case HEADER ->
          List.of(
              new Condition(
                  List.of(),
                  null,
                  List.of(
                      RequestMatchTranslator.header(
                          permission.getHeader(), path.field("header")))));
      case URL_PATH -> {
        FieldPath at = path.field("url_path").field("path");
        path.field("url_path").allowOnly(permission.getUrlPath(), Set.of("path"));
        yield List.of(
            new Condition(List.of(), pathMatch(permission.getUrlPath().getPath(), at), List.of()));
      }
      case OR_RULES -> {
        List<Condition> any = new ArrayList<>();
        for (int i = 0; i < permission.getOrRules().getRulesCount(); i++) {
          any.addAll(
              alternatives(
                  permission.getOrRules().getRules(i), path.field("or_rules").element("rules", i)));
        }
        yield bounded(any, path);
      }
      case AND_RULES -> {
        List<Condition> all = List.of(Condition.TRUE);
        for (int i = 0; i < permission.getAndRules().getRulesCount(); i++) {
          FieldPath at = path.field("and_rules").element("rules", i);
          List<Condition> next = new ArrayList<>();
          for (Condition right : alternatives(permission.getAndRules().getRules(i), at)) {
            for (Condition left : all) {
              next.add(left.and(right, at));
            }
          }
          all = bounded(next, path);
        }
        yield all;
      }
      case DESTINATION_IP,
          DESTINATION_PORT_RANGE,
          METADATA,
          NOT_RULE,
          REQUESTED_SERVER_NAME,
          MATCHER,
          URI_TEMPLATE,
          SOURCED_METADATA,
          RULE_NOT_SET ->
          throw path.invalid(
              permission.getRuleCase(),
              "any, header, url_path, destination_port, and_rules or or_rules");
    };
  }

  private static List<Condition> bounded(List<Condition> conditions, FieldPath path) {
    if (conditions.size() > MAX_ALTERNATIVES) {
      throw path.invalid(conditions.size() + " alternatives", "at most " + MAX_ALTERNATIVES);
    }
    return conditions;
  }

  private static PathMatch pathMatch(StringMatcher matcher, FieldPath path) {
    path.allowOnly(matcher, Set.of("exact", "prefix", "safe_regex"));
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> new PathMatch.Exact(matcher.getExact());
      case PREFIX -> new PathMatch.Prefix(matcher.getPrefix());
      case SAFE_REGEX ->
          new PathMatch.Regex(Values.regex(matcher.getSafeRegex(), path.field("safe_regex")));
      case SUFFIX, CONTAINS, CUSTOM, MATCHPATTERN_NOT_SET ->
          throw path.invalid(matcher.getMatchPatternCase(), "exact, prefix or safe_regex");
    };
  }
}
