package dev.heddle.dataplane.access;

import static dev.heddle.dataplane.loopback.Configurations.plainTcp;
import static dev.heddle.dataplane.loopback.Configurations.tcp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.dataplane.config.AccessRules;
import dev.heddle.dataplane.config.AccessRules.Condition;
import dev.heddle.dataplane.config.AccessRules.Rule;
import dev.heddle.dataplane.config.AddressRange;
import dev.heddle.dataplane.config.FilterChain;
import dev.heddle.dataplane.config.FilterChainMatch;
import dev.heddle.dataplane.config.Listener;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import dev.heddle.dataplane.connection.ConnectionContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class AccessRulesDecisionTest {
  private static final Condition ALWAYS = new Condition.Always();
  private static final Condition NEVER = new Condition.Not(ALWAYS);
  private static final ConnectionContext CONNECTION =
      connection(List.of("spiffe://t/ns/shop/sa/web", "web.shop", "CN=web"));

  static Stream<Arguments> conditions() {
    return Stream.of(
        Arguments.of(ALWAYS, true),
        Arguments.of(NEVER, false),
        Arguments.of(new Condition.All(List.of(ALWAYS, ALWAYS)), true),
        Arguments.of(new Condition.All(List.of(ALWAYS, NEVER)), false),
        Arguments.of(new Condition.Any(List.of(NEVER, ALWAYS)), true),
        Arguments.of(new Condition.Any(List.of(NEVER, NEVER)), false),
        Arguments.of(new Condition.DestinationPort(443, 444), true),
        Arguments.of(new Condition.DestinationPort(442, 443), false),
        Arguments.of(new Condition.DestinationAddress(range("10.0.0.0", 8)), true),
        Arguments.of(new Condition.DestinationAddress(range("10.1.2.3", 32)), false),
        Arguments.of(new Condition.SourceAddress(range("10.1.2.3", 32)), true),
        Arguments.of(new Condition.SourceAddress(range("127.0.0.0", 8)), false),
        Arguments.of(new Condition.DirectSourceAddress(range("127.0.0.0", 8)), true),
        Arguments.of(new Condition.DirectSourceAddress(range("10.1.2.3", 32)), false),
        Arguments.of(new Condition.SourceAddress(range("::", 0)), false),
        Arguments.of(name(new ValueMatch.Exact("shop.example")), true),
        Arguments.of(name(new ValueMatch.Suffix(".example")), true),
        Arguments.of(name(new ValueMatch.Exact("")), false),
        Arguments.of(new Condition.Authenticated(null), true),
        Arguments.of(caller(new ValueMatch.Prefix("spiffe://t/ns/shop/")), true),
        Arguments.of(caller(new ValueMatch.Exact("WEB.shop", true)), true),
        Arguments.of(caller(new ValueMatch.Exact("CN=web")), true),
        Arguments.of(caller(new ValueMatch.Contains("/ns/bank/", false)), false));
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void decidesOnConnections(Condition condition, boolean holds) {
    assertThat(allows(List.of(rules(true, condition)), "shop.example")).isEqualTo(holds);
    assertThat(allows(List.of(rules(false, condition)), "shop.example")).isEqualTo(!holds);
  }

  @Test
  void appliesARuleWhenPermissionAndPrincipalHold() {
    AccessRules permission = new AccessRules(true, List.of(new Rule("r", ALWAYS, NEVER)));
    AccessRules principal = new AccessRules(true, List.of(new Rule("r", NEVER, ALWAYS)));
    assertThat(allows(List.of(permission), "")).isFalse();
    assertThat(allows(List.of(principal), "")).isFalse();
  }

  @Test
  void allowsNothingAndDeniesNothingWithoutRules() {
    assertThat(allows(List.of(new AccessRules(true, List.of())), "")).isFalse();
    assertThat(allows(List.of(new AccessRules(false, List.of())), "")).isTrue();
    assertThat(allows(List.of(), null)).isTrue();
  }

  @Test
  void wantsEveryFilterOfTheChainToAllow() {
    AccessRules allowing = rules(true, ALWAYS);
    assertThat(allows(List.of(allowing, rules(false, NEVER)), "")).isTrue();
    assertThat(allows(List.of(allowing, rules(false, ALWAYS)), "")).isFalse();
    assertThat(allows(List.of(rules(true, NEVER), allowing), "")).isFalse();
  }

  @Test
  void saysWhichRuleDenies() {
    assertThat(AccessRulesDecision.denial(List.of(rules(false, ALWAYS)), CONNECTION, ""))
        .isEqualTo("access denied: by rule r");
    assertThat(AccessRulesDecision.denial(List.of(rules(true, NEVER)), CONNECTION, ""))
        .isEqualTo("access denied: no rule allows this connection");
  }

  @Test
  void neitherAllowsNorPassesADenialWhileTheServerNameIsNotKnown() {
    Condition good = name(new ValueMatch.Exact("good"));
    Condition evil = name(new ValueMatch.Exact("evil"));
    for (AccessRules rules :
        List.of(
            rules(true, good),
            rules(true, new Condition.Not(evil)),
            rules(false, evil),
            rules(false, new Condition.All(List.of(ALWAYS, new Condition.Any(List.of(evil))))),
            new AccessRules(false, List.of(new Rule("r", evil, NEVER))))) {
      assertThat(AccessRulesDecision.denial(List.of(rules), CONNECTION, null))
          .isEqualTo("access denied: the server name that rules ask for is not known");
    }
  }

  @Test
  void knowsNobodyWithoutACertificate() {
    for (Condition condition :
        List.of(new Condition.Authenticated(null), caller(new ValueMatch.Prefix("")))) {
      assertThat(
              AccessRulesDecision.denial(
                  List.of(rules(true, condition)), connection(List.of()), ""))
          .isNotNull();
    }
  }

  @Test
  void configurationsHaveNoConditionsOnRequestsWhereTheyDecideOnConnections() {
    for (Condition condition :
        List.of(
            new Condition.Path(new ValueMatch.Present()),
            new Condition.Not(
                new Condition.Header(new HeaderMatch("a", new ValueMatch.Present(), false))))) {
      assertThatThrownBy(() ->
              new FilterChain(
                  "c", FilterChainMatch.ANY, null, List.of(rules(true, condition)), 0, tcp("app")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("conditions on connections");
    }
  }

  private static boolean allows(List<AccessRules> chain, @Nullable String serverName) {
    return AccessRulesDecision.denial(chain, CONNECTION, serverName) == null;
  }

  private static AccessRules rules(boolean allow, Condition condition) {
    return new AccessRules(allow, List.of(new Rule("r", condition, ALWAYS)));
  }

  private static Condition name(ValueMatch match) {
    return new Condition.RequestedServerName(match);
  }

  private static Condition caller(ValueMatch match) {
    return new Condition.Authenticated(match);
  }

  private static AddressRange range(String first, int prefixLength) {
    return new AddressRange(InetAddress.ofLiteral(first), prefixLength);
  }

  private static ConnectionContext connection(List<String> principals) {
    Listener listener = plainTcp("l", tcp("app"));
    return new ConnectionContext(
        listener,
        Objects.requireNonNull(listener.defaultFilterChain()),
        new InetSocketAddress(InetAddress.ofLiteral("10.1.2.3"), 1111),
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2222),
        new InetSocketAddress(InetAddress.ofLiteral("10.9.9.9"), 443),
        null,
        principals,
        false);
  }
}
