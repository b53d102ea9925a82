package dev.heddle.dataplane.http.route;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.connection.ConnectionContext;
import dev.heddle.dataplane.http.message.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether rules of any shape allow a request. */
public final class AccessRulesDecision {
  private AccessRulesDecision() {}

  /**
   * Why a request is denied; null if it is allowed.
   *
   * @param principal the SPIFFE id proved by the client; null on plaintext
   */
  public static @Nullable String denial(
      AccessRules rules,
      @Nullable String principal,
      ConnectionContext connection,
      RequestHead request) {
    for (AccessRules.Rule rule : rules.rules()) {
      if (holds(rule.permission(), principal, connection, request)
          && holds(rule.principal(), principal, connection, request)) {
        return rules.allow() ? null : "access denied: by rule " + rule.name();
      }
    }
    return rules.allow() ? "access denied: no rule allows this request" : null;
  }

  private static boolean holds(
      Condition condition,
      @Nullable String principal,
      ConnectionContext connection,
      RequestHead request) {
    return switch (condition) {
      case Condition.Always _ -> true;
      case Condition.All all -> all(all.of(), principal, connection, request);
      case Condition.Any any -> any(any.of(), principal, connection, request);
      case Condition.Not not -> !holds(not.condition(), principal, connection, request);
      case Condition.Header header -> RequestMatcher.headerMatches(header.match(), request);
      case Condition.Path path ->
          RequestMatcher.valueMatches(
              path.match(), request.path().substring(0, request.pathLength()));
      case Condition.DestinationAddress address ->
          address.range().contains(connection.originalDestination().getAddress());
      case Condition.DestinationPort(int from, int to) -> {
        int port = connection.originalDestination().getPort();
        yield port >= from && port < to;
      }
      case Condition.SourceAddress address ->
          address.range().contains(connection.source().getAddress());
      case Condition.Authenticated authenticated ->
          principal != null
              && (authenticated.identity() == null
                  || RequestMatcher.valueMatches(authenticated.identity(), principal));
    };
  }

  private static boolean all(
      List<Condition> conditions,
      @Nullable String principal,
      ConnectionContext connection,
      RequestHead request) {
    for (Condition condition : conditions) {
      if (!holds(condition, principal, connection, request)) {
        return false;
      }
    }
    return true;
  }

  private static boolean any(
      List<Condition> conditions,
      @Nullable String principal,
      ConnectionContext connection,
      RequestHead request) {
    for (Condition condition : conditions) {
      if (holds(condition, principal, connection, request)) {
        return true;
      }
    }
    return false;
  }
}
