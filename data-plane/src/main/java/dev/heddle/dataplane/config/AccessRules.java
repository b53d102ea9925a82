package dev.heddle.dataplane.config;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access policy of any shape (envoy.config.rbac.v3.RBAC), on requests or on connections. The
 * common shape of those on requests is {@link AccessPolicy}, which is cheaper to decide on.
 *
 * @param allow whether the rules say what is allowed, or what is denied
 */
public record AccessRules(boolean allow, List<Rule> rules) implements HttpFilter {
  public AccessRules {
    rules = List.copyOf(rules);
  }

  /** Whether what the rules say depends on a condition of this kind. */
  public boolean dependsOn(Class<? extends Condition> kind) {
    return rules.stream()
        .anyMatch(rule -> rule.permission().dependsOn(kind) || rule.principal().dependsOn(kind));
  }

  /** Applies when both hold. */
  public record Rule(String name, Condition permission, Condition principal) {}

  /** A condition on a connection, a request, and who sends it. */
  public sealed interface Condition {

    /** Whether it is of this kind, or made of such. */
    default boolean dependsOn(Class<? extends Condition> kind) {
      return switch (this) {
        case All(List<Condition> of) -> of.stream().anyMatch(each -> each.dependsOn(kind));
        case Any(List<Condition> of) -> of.stream().anyMatch(each -> each.dependsOn(kind));
        case Not(Condition condition) -> condition.dependsOn(kind);
        case Always _,
            Header _,
            Path _,
            DestinationAddress _,
            DestinationPort _,
            RequestedServerName _,
            SourceAddress _,
            DirectSourceAddress _,
            Authenticated _ ->
            kind.isInstance(this);
      };
    }

    record Always() implements Condition {}

    record All(List<Condition> of) implements Condition {
      public All {
        of = List.copyOf(of);
      }
    }

    record Any(List<Condition> of) implements Condition {
      public Any {
        of = List.copyOf(of);
      }
    }

    record Not(Condition condition) implements Condition {}

    /** Of requests only. */
    record Header(HeaderMatch match) implements Condition {}

    /** On the path without its query; of requests only. */
    record Path(ValueMatch match) implements Condition {}

    record DestinationAddress(AddressRange range) implements Condition {}

    /**
     * On the port.
     *
     * @param from inclusive
     * @param to exclusive
     */
    record DestinationPort(int from, int to) implements Condition {}

    /**
     * On the server name that the client asks for by TLS, in lower case, empty if it asks for none;
     * of connections only.
     */
    record RequestedServerName(ValueMatch match) implements Condition {}

    /** On the client, as the PROXY protocol says if the listener asks for it. */
    record SourceAddress(AddressRange range) implements Condition {}

    /** On who opened the connection, whatever the PROXY protocol says. */
    record DirectSourceAddress(AddressRange range) implements Condition {}

    /**
     * The client's certificate.
     *
     * @param identity on any of the names in it; null for any certificate of a trust anchor
     */
    record Authenticated(@Nullable ValueMatch identity) implements Condition {}
  }
}
