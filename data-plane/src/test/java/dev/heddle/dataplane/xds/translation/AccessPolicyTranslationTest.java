package dev.heddle.dataplane.xds.translation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.dataplane.config.AccessPolicy;
import dev.heddle.dataplane.config.RouteConfiguration.HeaderMatch;
import dev.heddle.dataplane.config.RouteConfiguration.PathMatch;
import dev.heddle.dataplane.config.RouteConfiguration.RouteMatch;
import dev.heddle.dataplane.config.RouteConfiguration.ValueMatch;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AccessPolicyTranslationTest {

  @Test
  void multipliesConditionsOut() throws Exception {
    // Given
    RBAC rbac =
        YamlResources.one(
                "rbac.v3.RBAC",
                """
                policies:
                  p:
                    principals: [{authenticated: {principal_name: {exact: spiffe://a/ns/b/sa/c}}}]
                    permissions:
                    - and_rules:
                        rules:
                        - or_rules: {rules: [{destination_port: 1}, {destination_port: 2}]}
                        - url_path: {path: {exact: /healthz}}
                        - header: {name: ':method', string_match: {exact: GET}}
                """)
            .unpack(RBAC.class);

    // When
    AccessPolicy policy = AccessPolicyTranslator.policy(rbac, FieldPath.ROOT);

    // Then
    RouteMatch request =
        new RouteMatch(
            new PathMatch.Exact("/healthz"),
            List.of(new HeaderMatch(":method", new ValueMatch.Exact("GET"), false)));
    List<String> principals = List.of("spiffe://a/ns/b/sa/c");
    assertThat(policy.rules())
        .containsExactly(
            new AccessPolicy.Rule("p", principals, List.of(1), request),
            new AccessPolicy.Rule("p", principals, List.of(2), request));
  }

  @Test
  void allowsNothingWithoutPolicies() {
    assertThat(AccessPolicyTranslator.policy(RBAC.getDefaultInstance(), FieldPath.ROOT).rules())
        .isEmpty();
  }
}
