package dev.heddle.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heddle.crds.install.MeshInstall;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which of several MeshInstalls a namespace belongs to. */
final class NamespaceClaimsTest {
  private static final MeshInstall OLD = install("old", "b", "2026-01-01T00:00:00Z", "mesh");
  private static final MeshInstall YOUNG = install("young", "a", "2026-01-01T00:00:01Z", "mesh");
  private static final MeshInstall TWIN = install("twin", "c", "2026-01-01T00:00:00Z", "mesh");
  private static final MeshInstall ELSEWHERE =
      install("elsewhere", "0", "2025-01-01T00:00:00Z", "other");

  @Test
  void theOldestHasIt() {
    assertThat(NamespaceClaims.holder(OLD, all())).isEmpty();
    assertThat(NamespaceClaims.holder(YOUNG, all())).contains(OLD);
  }

  @Test
  void thoseOfOneSecondAreToldApart() {
    assertThat(NamespaceClaims.holder(TWIN, all())).contains(OLD);
  }

  @Test
  void theNextTakesOver() {
    assertThat(NamespaceClaims.holder(TWIN, Stream.of(YOUNG, TWIN))).isEmpty();
    assertThat(NamespaceClaims.holder(YOUNG, Stream.of(YOUNG, TWIN))).contains(TWIN);
  }

  @Test
  void otherNamespacesDoNotMatter() {
    assertThat(NamespaceClaims.holder(ELSEWHERE, all())).isEmpty();
  }

  @Test
  void oneThatIsNotListedYetIsComparedAllTheSame() {
    assertThat(NamespaceClaims.holder(YOUNG, Stream.of(OLD))).contains(OLD);
  }

  @Test
  void theClusterHasButOneOldest() {
    assertThat(NamespaceClaims.isOldest(ELSEWHERE, all())).isTrue();
    assertThat(NamespaceClaims.isOldest(OLD, all())).isFalse();
  }

  @Test
  void oneThatIsBeingDeletedIsTheOldestNoMore() {
    MeshInstall leaving = install("leaving", "0", "2025-01-01T00:00:00Z", "other");
    leaving.getMetadata().setDeletionTimestamp("2026-02-01T00:00:00Z");

    assertThat(NamespaceClaims.isOldest(OLD, Stream.of(leaving, OLD, YOUNG))).isTrue();
  }

  private static Stream<MeshInstall> all() {
    return Stream.of(YOUNG, TWIN, ELSEWHERE, OLD);
  }

  private static MeshInstall install(String name, String uid, String created, String namespace) {
    return Serialization.unmarshal(
        """
        apiVersion: heddle.dev/v1alpha1
        kind: MeshInstall
        metadata: {name: %s, uid: %s, creationTimestamp: "%s"}
        spec: {namespace: %s}
        """
            .formatted(name, uid, created, namespace),
        MeshInstall.class);
  }
}
