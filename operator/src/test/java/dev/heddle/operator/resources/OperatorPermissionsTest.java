package dev.heddle.operator.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.crds.install.MeshInstallSpec;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The API server lets nobody grant what he may not do himself, so the operator's manifest follows
 * the roles that it makes.
 */
final class OperatorPermissionsTest {
  private static final Mesh MESH =
      new Mesh(
          "heddle", "uid", MeshInstallSpec.DEFAULT, new Release("", "0.1.0", "heddle-operator"));

  @Test
  void operatorMayDoWhatItGrants() throws IOException {
    List<PolicyRule> held = operator();

    Stream.of(
            CertificateAuthorityResources.role(MESH).getRules(),
            CertificateAuthorityResources.clusterRole(MESH).getRules(),
            AdapterResources.role(MESH).getRules(),
            AdapterResources.clusterRole(MESH).getRules(),
            TrafficMetricsResources.viewer(MESH).getRules())
        .flatMap(List::stream)
        .flatMap(OperatorPermissionsTest::single)
        .forEach(granted ->
            assertThat(held)
                .as("config/operator/rbac.yaml allows %s", granted)
                .anySatisfy(rule -> assertThat(covers(rule, granted)).isTrue()));
  }

  @Test
  void operatorMayNotRaiseItself() throws IOException {
    assertThat(operator())
        .allSatisfy(rule -> {
          assertThat(rule.getVerbs()).doesNotContain("*", "escalate", "bind", "impersonate");
          assertThat(rule.getResources()).doesNotContain("*");
          assertThat(rule.getApiGroups()).doesNotContain("*");
        });
  }

  private static List<PolicyRule> operator() throws IOException {
    return Arrays.stream(Files.readString(Path.of("../config/operator/rbac.yaml")).split("\n---\n"))
        .filter(document -> document.contains("\nkind: ClusterRole\n"))
        .map(document -> Serialization.unmarshal(document, ClusterRole.class))
        .findFirst()
        .orElseThrow()
        .getRules();
  }

  /** Splits a rule into rules of one resource, one verb and at most one name each. */
  private static Stream<PolicyRule> single(PolicyRule rule) {
    List<String> names = rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
    return rule.getResources().stream()
        .flatMap(resource ->
            rule.getVerbs().stream()
                .flatMap(verb ->
                    names.stream()
                        .map(name ->
                            new PolicyRule(
                                rule.getApiGroups(),
                                List.of(),
                                name.isEmpty() ? List.of() : List.of(name),
                                List.of(resource),
                                List.of(verb)))));
  }

  private static boolean covers(PolicyRule held, PolicyRule granted) {
    return held.getApiGroups().containsAll(granted.getApiGroups())
        && held.getResources().containsAll(granted.getResources())
        && held.getVerbs().containsAll(granted.getVerbs())
        && (held.getResourceNames().isEmpty()
            || (!granted.getResourceNames().isEmpty()
                && held.getResourceNames().containsAll(granted.getResourceNames())));
  }
}
