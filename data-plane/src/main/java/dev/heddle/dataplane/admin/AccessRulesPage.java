package dev.heddle.dataplane.admin;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.config.AddressRange;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.json.JsonWriter;
import java.util.List;
import java.util.stream.Collectors;

/** Access rules in words. */
final class AccessRulesPage {
  private final JsonWriter json;

  AccessRulesPage(JsonWriter json) {
    this.json = json;
  }

  void write(AccessRules rules) {
    json.beginObject().name(rules.allow() ? "allow" : "deny").beginArray();
    for (AccessRules.Rule rule : rules.rules()) {
      json.beginObject()
          .field("rule", rule.name())
          .field("permission", text(rule.permission()))
          .field("principal", text(rule.principal()))
          .endObject();
    }
    json.endArray().endObject();
  }

  private static String text(Condition condition) {
    return switch (condition) {
      case Condition.Always _ -> "any";
      case Condition.All(List<Condition> of) -> joined(of, " and ");
      case Condition.Any(List<Condition> of) -> joined(of, " or ");
      case Condition.Not(Condition not) -> "not (" + text(not) + ")";
      case Condition.Header(HeaderMatch match) ->
          "header "
              + (match.invert() ? "not " : "")
              + match.name()
              + " "
              + ConfigurationPage.text(match.value());
      case Condition.Path path -> "path " + ConfigurationPage.text(path.match());
      case Condition.DestinationAddress address -> "destination in " + text(address.range());
      case Condition.DestinationPort(int from, int to) ->
          "port " + (to == from + 1 ? "= " + from : "from " + from + " to below " + to);
      case Condition.RequestedServerName name ->
          "server name " + ConfigurationPage.text(name.match());
      case Condition.SourceAddress address -> "source in " + text(address.range());
      case Condition.DirectSourceAddress address -> "direct source in " + text(address.range());
      case Condition.Authenticated authenticated ->
          authenticated.identity() == null
              ? "authenticated"
              : "authenticated " + ConfigurationPage.text(authenticated.identity());
    };
  }

  private static String joined(List<Condition> conditions, String by) {
    return conditions.size() == 1
        ? text(conditions.getFirst())
        : conditions.stream()
            .map(condition -> "(" + text(condition) + ")")
            .collect(Collectors.joining(by));
  }

  private static String text(AddressRange range) {
    return range.first().getHostAddress() + "/" + range.prefixLength();
  }
}
