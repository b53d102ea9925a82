package dev.heddle.dataplane.config;

import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access policy of any shape (envoy.config.rbac.v3.RBAC). The common shape is {@link
 * AccessPolicy}, which is cheaper to decide on.
 *
 * @param allow whether the rules say what is allowed, or what is denied
 */
public record AccessRules(boolean allow, List<Rule> rules) implements HttpFilter {
  public AccessRules {
    rules = List.copyOf(rules);
  }

  /** Applies when both hold. */
  public record Rule(String name, Condition permission, Condition principal) {}

  /** A condition on a request and on who sends it. */
  public sealed interface Condition {
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

    record Header(HeaderMatch match) implements Condition {}

    /** On the path without its query. */
    record Path(ValueMatch match) implements Condition {}

    record DestinationAddress(AddressRange range) implements Condition {}

    /**
     * On the port.
     *
     * @param from inclusive
     * @param to exclusive
     */
    record DestinationPort(int from, int to) implements Condition {}

    record SourceAddress(AddressRange range) implements Condition {}

    /**
     * The client's certificate.
     *
     * @param identity on its SPIFFE id; null for any certificate of a trust anchor
     */
    record Authenticated(@Nullable ValueMatch identity) implements Condition {}
  }
}
