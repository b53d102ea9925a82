package dev.heddle.dataplane.xds.translation;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.config.AddressRange;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.type.matcher.v3.PathMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** envoy.config.rbac.v3.RBAC of any shape, as HTTP filters and network filters have it. */
final class AccessRulesTranslator {

  private static final String CONNECTION_ONLY = "a condition on the connection, not on a request";

  /** What can be decided on. */
  private enum Subject {
    REQUEST,
    CONNECTION,
    CONNECTION_WITH_SERVER_NAME
  }

  private final Subject subject;

  private AccessRulesTranslator(Subject subject) {
    this.subject = subject;
  }

  /** Rules of an HTTP filter. */
  static AccessRules onRequests(RBAC rbac, FieldPath path) {
    return new AccessRulesTranslator(Subject.REQUEST).rules(rbac, path);
  }

  /**
   * Rules of a network filter.
   *
   * @param serverNames whether the listener looks at the server name that clients ask for
   */
  static AccessRules onConnections(RBAC rbac, boolean serverNames, FieldPath path) {
    return new AccessRulesTranslator(
            serverNames ? Subject.CONNECTION_WITH_SERVER_NAME : Subject.CONNECTION)
        .rules(rbac, path);
  }

  /** Whether {@link AccessPolicyTranslator} can say the same in a form that is decided faster. */
  static boolean isPlain(RBAC rbac) {
    return rbac.getAction() == RBAC.Action.ALLOW
        && rbac.getPoliciesMap().values().stream()
            .allMatch(policy ->
                policy.getPermissionsList().stream().allMatch(AccessRulesTranslator::isPlain)
                    && policy.getPrincipalsList().stream()
                        .allMatch(AccessRulesTranslator::isPlain));
  }

  private static boolean isPlain(Permission permission) {
    return switch (permission.getRuleCase()) {
      case ANY, HEADER, DESTINATION_PORT -> true;
      case URL_PATH ->
          switch (permission.getUrlPath().getPath().getMatchPatternCase()) {
            case EXACT, PREFIX, SAFE_REGEX -> !permission.getUrlPath().getPath().getIgnoreCase();
            case SUFFIX, CONTAINS, CUSTOM, MATCHPATTERN_NOT_SET -> false;
          };
      case OR_RULES ->
          permission.getOrRules().getRulesList().stream().allMatch(AccessRulesTranslator::isPlain);
      // One path and one port at most, which only the other translator can tell.
      case AND_RULES ->
          permission.getAndRules().getRulesList().stream().allMatch(AccessRulesTranslator::isPlain);
      case DESTINATION_IP,
          DESTINATION_PORT_RANGE,
          METADATA,
          NOT_RULE,
          REQUESTED_SERVER_NAME,
          MATCHER,
          URI_TEMPLATE,
          SOURCED_METADATA,
          RULE_NOT_SET ->
          false;
    };
  }

  private static boolean isPlain(Principal principal) {
    return switch (principal.getIdentifierCase()) {
      case ANY -> true;
      case AUTHENTICATED ->
          !principal.getAuthenticated().getPrincipalName().getExact().isEmpty()
              && !principal.getAuthenticated().getPrincipalName().getIgnoreCase();
      case OR_IDS ->
          principal.getOrIds().getIdsList().stream().allMatch(AccessRulesTranslator::isPlain);
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
          false;
    };
  }

  private AccessRules rules(RBAC rbac, FieldPath path) {
    path.allowOnly(rbac, Set.of("action", "policies"));
    boolean allow =
        switch (rbac.getAction()) {
          case ALLOW -> true;
          case DENY -> false;
          case LOG, UNRECOGNIZED ->
              throw path.field("action").invalid(rbac.getAction(), "ALLOW or DENY");
        };
    List<AccessRules.Rule> rules = new ArrayList<>();
    for (Map.Entry<String, Policy> entry : new TreeMap<>(rbac.getPoliciesMap()).entrySet()) {
      FieldPath at = path.entry("policies", entry.getKey());
      Policy policy = entry.getValue();
      at.allowOnly(policy, Set.of("permissions", "principals"));
      rules.add(
          new AccessRules.Rule(
              entry.getKey(),
              any(policy.getPermissionsList(), "permissions", at, this::permission),
              any(policy.getPrincipalsList(), "principals", at, this::principal)));
    }
    return new AccessRules(allow, rules);
  }

  private static <M> Condition any(
      List<M> messages, String field, FieldPath path, BiFunction<M, FieldPath, Condition> each) {
    return new Condition.Any(conditions(messages, field, path, each));
  }

  private static <M> List<Condition> conditions(
      List<M> messages, String field, FieldPath path, BiFunction<M, FieldPath, Condition> each) {
    if (messages.isEmpty()) {
      throw path.field(field).invalid("[]", "at least one");
    }
    List<Condition> conditions = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      conditions.add(each.apply(messages.get(i), path.element(field, i)));
    }
    return conditions;
  }

  private Condition permission(Permission permission, FieldPath path) {
    return switch (permission.getRuleCase()) {
      case ANY -> always(permission.getAny(), path);
      case AND_RULES ->
          new Condition.All(
              conditions(
                  permission.getAndRules().getRulesList(),
                  "rules",
                  path.field("and_rules"),
                  this::permission));
      case OR_RULES ->
          any(
              permission.getOrRules().getRulesList(),
              "rules",
              path.field("or_rules"),
              this::permission);
      case NOT_RULE ->
          new Condition.Not(permission(permission.getNotRule(), path.field("not_rule")));
      case HEADER -> header(permission.getHeader(), path.field("header"));
      case URL_PATH -> path(permission.getUrlPath(), path.field("url_path"));
      case DESTINATION_IP ->
          new Condition.DestinationAddress(
              range(permission.getDestinationIp(), path.field("destination_ip")));
      case DESTINATION_PORT -> {
        int port = permission.getDestinationPort();
        if (port < 1 || port > 65535) {
          throw path.field("destination_port")
              .invalid(Integer.toUnsignedString(port), "1 to 65535");
        }
        yield new Condition.DestinationPort(port, port + 1);
      }
      case DESTINATION_PORT_RANGE -> {
        Int32Range ports = permission.getDestinationPortRange();
        if (ports.getStart() < 0 || ports.getEnd() > 65536 || ports.getStart() >= ports.getEnd()) {
          throw path.field("destination_port_range").invalid(ports, "start below end, 0 to 65536");
        }
        yield new Condition.DestinationPort(ports.getStart(), ports.getEnd());
      }
      case REQUESTED_SERVER_NAME ->
          serverName(permission.getRequestedServerName(), path.field("requested_server_name"));
      case METADATA, MATCHER, URI_TEMPLATE, SOURCED_METADATA, RULE_NOT_SET ->
          throw path.invalid(
              permission.getRuleCase(),
              (subject == Subject.REQUEST ? "any, header, url_path" : "any, requested_server_name")
                  + ", destination_ip, destination_port, destination_port_range,"
                  + " and_rules, or_rules or not_rule");
    };
  }

  @SuppressWarnings("deprecation") // source_ip is what older control planes send.
  private Condition principal(Principal principal, FieldPath path) {
    return switch (principal.getIdentifierCase()) {
      case ANY -> always(principal.getAny(), path);
      case AND_IDS ->
          new Condition.All(
              conditions(
                  principal.getAndIds().getIdsList(),
                  "ids",
                  path.field("and_ids"),
                  this::principal));
      case OR_IDS ->
          any(principal.getOrIds().getIdsList(), "ids", path.field("or_ids"), this::principal);
      case NOT_ID -> new Condition.Not(principal(principal.getNotId(), path.field("not_id")));
      case AUTHENTICATED -> {
        FieldPath at = path.field("authenticated");
        at.allowOnly(principal.getAuthenticated(), Set.of("principal_name"));
        yield new Condition.Authenticated(
            principal.getAuthenticated().hasPrincipalName()
                ? RequestMatchTranslator.value(
                    principal.getAuthenticated().getPrincipalName(), at.field("principal_name"))
                : null);
      }
      case SOURCE_IP ->
          new Condition.SourceAddress(range(principal.getSourceIp(), path.field("source_ip")));
      case DIRECT_REMOTE_IP ->
          new Condition.DirectSourceAddress(
              range(principal.getDirectRemoteIp(), path.field("direct_remote_ip")));
      case REMOTE_IP ->
          new Condition.SourceAddress(range(principal.getRemoteIp(), path.field("remote_ip")));
      case HEADER -> header(principal.getHeader(), path.field("header"));
      case URL_PATH -> path(principal.getUrlPath(), path.field("url_path"));
      case METADATA, FILTER_STATE, SOURCED_METADATA, CUSTOM, IDENTIFIER_NOT_SET ->
          throw path.invalid(
              principal.getIdentifierCase(),
              "any, authenticated, source_ip, direct_remote_ip, remote_ip,"
                  + (subject == Subject.REQUEST ? " header, url_path," : "")
                  + " and_ids, or_ids or not_id");
    };
  }

  private static Condition always(boolean value, FieldPath path) {
    if (!value) {
      throw path.field("any").invalid(false, "true");
    }
    return new Condition.Always();
  }

  private Condition header(HeaderMatcher matcher, FieldPath path) {
    if (subject != Subject.REQUEST) {
      throw path.invalid(matcher.getName(), CONNECTION_ONLY);
    }
    return new Condition.Header(RequestMatchTranslator.header(matcher, path));
  }

  private Condition serverName(StringMatcher matcher, FieldPath path) {
    return switch (subject) {
      case CONNECTION_WITH_SERVER_NAME ->
          new Condition.RequestedServerName(RequestMatchTranslator.value(matcher, path));
      case CONNECTION ->
          throw path.invalid(matcher, "a TLS inspector among the listener's listener_filters");
      case REQUEST -> throw path.invalid(matcher, "not set in an HTTP filter");
    };
  }

  private Condition path(PathMatcher matcher, FieldPath path) {
    if (subject != Subject.REQUEST) {
      throw path.invalid(matcher.getPath(), CONNECTION_ONLY);
    }
    path.allowOnly(matcher, Set.of("path"));
    return new Condition.Path(RequestMatchTranslator.value(matcher.getPath(), path.field("path")));
  }

  private static AddressRange range(CidrRange range, FieldPath path) {
    path.allowOnly(range, Set.of("address_prefix", "prefix_len"));
    @Nullable InetAddress address =
        NetUtil.createInetAddressFromIpAddressString(range.getAddressPrefix());
    if (address == null) {
      throw path.field("address_prefix")
          .invalid('"' + range.getAddressPrefix() + '"', "an IP address");
    }
    int bits = address.getAddress().length * 8;
    int prefix = range.getPrefixLen().getValue();
    if (prefix < 0 || prefix > bits) {
      throw path.field("prefix_len").invalid(Integer.toUnsignedString(prefix), "0 to " + bits);
    }
    return new AddressRange(address, prefix);
  }
}
