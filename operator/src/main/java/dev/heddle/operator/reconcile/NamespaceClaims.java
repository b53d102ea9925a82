package dev.heddle.operator.reconcile;

import dev.heddle.crds.install.MeshInstall;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which of several MeshInstalls a namespace belongs to, and what the cluster has but one of: the
 * oldest, for as long as it exists.
 */
final class NamespaceClaims {
  private static final Comparator<MeshInstall> BY_AGE =
      Comparator.comparing((MeshInstall install) -> install.getMetadata().getCreationTimestamp())
          // RFC 3339 without fractions compares as text; those of the same second are told apart by
          // something that never changes.
          .thenComparing(install -> install.getMetadata().getUid());

  private NamespaceClaims() {}

  /**
   * Who else has the namespace of a MeshInstall.
   *
   * @param install the MeshInstall that wants it
   * @param all every MeshInstall that exists, whether or not this one is among them
   * @return the one that has it; empty if that is {@code install} itself
   */
  static Optional<MeshInstall> holder(MeshInstall install, Stream<MeshInstall> all) {
    return all.filter(other -> other.getSpec().namespace().equals(install.getSpec().namespace()))
        .filter(other -> !isSame(other, install))
        .filter(other -> BY_AGE.compare(other, install) < 0)
        .min(BY_AGE);
  }

  /**
   * Whether a MeshInstall is the oldest of the cluster, to whom belongs what there can be but one
   * of. One that is being deleted gives it up.
   *
   * @param install the MeshInstall
   * @param all every MeshInstall that exists, whether or not this one is among them
   */
  static boolean isOldest(MeshInstall install, Stream<MeshInstall> all) {
    return all.filter(other -> other.getMetadata().getDeletionTimestamp() == null)
        .filter(other -> !isSame(other, install))
        .noneMatch(other -> BY_AGE.compare(other, install) < 0);
  }

  private static boolean isSame(MeshInstall one, MeshInstall other) {
    return Objects.equals(one.getMetadata().getUid(), other.getMetadata().getUid());
  }
}
