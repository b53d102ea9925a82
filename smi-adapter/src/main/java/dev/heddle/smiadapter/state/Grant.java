package dev.heddle.smiadapter.state;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets workloads of some ServiceAccounts send traffic to the workloads of another.
 *
 * <p>What is granted is the traffic that {@link Rule}s describe. Rules on requests limit HTTP, and
 * rules on ports limit everything: a grant with both lets through requests that fulfil any of the
 * former, on a port of any of the latter, and nothing else. Without a rule nothing is granted.
 *
 * @param source the object of the user that says so
 * @param destination the account of the workloads that receive
 * @param destinationField where the user named it, for messages
 * @param clients the accounts of the workloads that may send
 * @param port the only port of theirs that is granted, 1 to 65535; null for what the rules say
 * @param rules what they may send
 */
public record Grant(
    ObjectReference source,
    ObjectName destination,
    String destinationField,
    List<ObjectName> clients,
    @Nullable Integer port,
    List<Rule> rules) {

  /** Copies the lists. */
  public Grant {
    clients = List.copyOf(clients);
    rules = List.copyOf(rules);
  }

  /** Describes traffic by what an object says that exists apart, or may not exist. */
  public sealed interface Rule {

    /** Where the user wrote it, for messages, such as {@code spec.rules[0]}. */
    String field();

    /**
     * HTTP requests of a group.
     *
     * @param group the group's name
     * @param matches names of conditions of it, any of which is enough; empty for all of the group
     */
    record Requests(ObjectName group, List<String> matches, String field) implements Rule {
      /** Copies the list. */
      public Requests {
        matches = List.copyOf(matches);
      }
    }

    /**
     * Traffic to ports.
     *
     * @param rule the name of the rule that lists them
     */
    record Ports(PortRule.Name rule, String field) implements Rule {}
  }

  /** The groups that its rules name. */
  Stream<ObjectName> routeGroups() {
    return rules.stream()
        .flatMap(rule ->
            switch (rule) {
              case Rule.Requests requests -> Stream.of(requests.group());
              case Rule.Ports ports -> Stream.<ObjectName>empty();
            })
        .distinct();
  }

  /** The port rules that its rules name. */
  Stream<PortRule.Name> portRules() {
    return rules.stream()
        .flatMap(rule ->
            switch (rule) {
              case Rule.Requests requests -> Stream.<PortRule.Name>empty();
              case Rule.Ports ports -> Stream.of(ports.rule());
            })
        .distinct();
  }
}
