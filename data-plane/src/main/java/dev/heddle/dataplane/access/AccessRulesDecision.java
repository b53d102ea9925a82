package dev.heddle.dataplane.access;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.connection.ConnectionContext;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Whether rules of any shape let a request or a connection through. */
public final class AccessRulesDecision {
  private AccessRulesDecision() {}

  /**
   * What is decided on.
   *
   * @param request null for a connection as a whole
   * @param serverName null where it is not known
   */
  private record Subject(
      ConnectionContext connection,
      @Nullable RequestSubject request,
      @Nullable String serverName) {}

  /** Why a request is denied; null if it is allowed. */
  public static @Nullable String denial(
      AccessRules rules, ConnectionContext connection, RequestSubject request) {
    return denial(rules, new Subject(connection, request, null), "this request");
  }

  /**
   * Why a connection is denied; null if every one of the rules lets it through.
   *
   * @param serverName that the client asked for by TLS; empty if it asked for none, null if that is
   *     not known: then it passes no rules that depend on it
   */
  public static @Nullable String denial(
      List<AccessRules> chain, ConnectionContext connection, @Nullable String serverName) {
    if (chain.isEmpty()) {
      return null;
    }
    Subject subject = new Subject(connection, null, serverName);
    for (AccessRules rules : chain) {
      if (serverName == null && rules.dependsOn(Condition.RequestedServerName.class)) {
        return "access denied: the server name that rules ask for is not known";
      }
      String denial = denial(rules, subject, "this connection");
      if (denial != null) {
        return denial;
      }
    }
    return null;
  }

  private static @Nullable String denial(AccessRules rules, Subject subject, String what) {
    for (AccessRules.Rule rule : rules.rules()) {
      if (holds(rule.permission(), subject) && holds(rule.principal(), subject)) {
        return rules.allow() ? null : "access denied: by rule " + rule.name();
      }
    }
    return rules.allow() ? "access denied: no rule allows " + what : null;
  }

  private static boolean holds(Condition condition, Subject subject) {
    return switch (condition) {
      case Condition.Always _ -> true;
      case Condition.All all -> all(all.of(), subject);
      case Condition.Any any -> any(any.of(), subject);
      case Condition.Not not -> !holds(not.condition(), subject);
      case Condition.Header header -> request(subject).hasHeader(header.match());
      case Condition.Path path -> request(subject).hasPath(path.match());
      case Condition.DestinationAddress address ->
          address.range().contains(subject.connection().originalDestination().getAddress());
      case Condition.DestinationPort(int from, int to) -> {
        int port = subject.connection().originalDestination().getPort();
        yield port >= from && port < to;
      }
      case Condition.RequestedServerName name ->
          name.match()
              .matches(Objects.requireNonNull(subject.serverName(), "a server name that is known"));
      case Condition.SourceAddress address ->
          address.range().contains(subject.connection().source().getAddress());
      case Condition.DirectSourceAddress address ->
          address.range().contains(subject.connection().directSource().getAddress());
      case Condition.Authenticated authenticated ->
          authenticated(authenticated.identity(), subject.connection().principals());
    };
  }

  /** Configurations have no conditions on requests where they decide on connections. */
  private static RequestSubject request(Subject subject) {
    return Objects.requireNonNull(subject.request(), "a request");
  }

  private static boolean authenticated(@Nullable ValueMatch identity, List<String> principals) {
    if (identity == null) {
      return !principals.isEmpty();
    }
    for (int i = 0; i < principals.size(); i++) {
      if (identity.matches(principals.get(i))) {
        return true;
      }
    }
    return false;
  }

  private static boolean all(List<Condition> conditions, Subject subject) {
    for (Condition condition : conditions) {
      if (!holds(condition, subject)) {
        return false;
      }
    }
    return true;
  }

  private static boolean any(List<Condition> conditions, Subject subject) {
    for (Condition condition : conditions) {
      if (holds(condition, subject)) {
        return true;
      }
    }
    return false;
  }
}
