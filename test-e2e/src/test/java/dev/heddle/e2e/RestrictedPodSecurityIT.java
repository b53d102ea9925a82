package dev.heddle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.e2e.mesh.Mesh;
import dev.heddle.e2e.mesh.MeshTest;
import dev.heddle.e2e.workload.TestNamespace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * An injected pod keeps the {@code restricted} Pod Security level but for the one capability of the
 * init container.
 */
@MeshTest
class RestrictedPodSecurityIT {

  private static final String RESTRICTED_POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: app}
      spec:
        containers:
          - name: app
            image: heddle-test-workload:0.1.0
            securityContext:
              runAsNonRoot: true
              allowPrivilegeEscalation: false
              capabilities: {drop: [ALL]}
              seccompProfile: {type: RuntimeDefault}
      """;

  @Test
  void onlyNetAdminIsAsked(Mesh mesh) {
    Map<String, String> labels =
        Map.of(
            "heddle.dev/inject", "enabled",
            "pod-security.kubernetes.io/enforce", "restricted");
    try (TestNamespace namespace = TestNamespace.create(mesh.kubernetes(), "restricted", labels)) {
      assertThatThrownBy(() -> namespace.apply(RESTRICTED_POD))
          .isInstanceOfSatisfying(
              KubernetesClientException.class,
              refused -> {
                String violations =
                    String.valueOf(refused.getMessage())
                        .replaceAll("(?s).*violates PodSecurity \"restricted:latest\": ", "");
                assertThat(violations)
                    .startsWith(
                        "unrestricted capabilities (container \"heddle-init\" must not include \"NET_ADMIN\"")
                    .doesNotContain(
                        "runAsNonRoot",
                        "runAsUser",
                        "allowPrivilegeEscalation",
                        "seccompProfile",
                        "heddle-proxy");
              });
    }
  }
}
