package dev.heddle.smiadapter.injection;

import java.util.Optional;
import java.util.Set;

/** Decides whether a pod is to have a proxy. */
final class InjectionPolicy {
  static final String INJECT = "heddle.dev/inject";

  private static final String ENABLED = "enabled";
  private static final String DISABLED = "disabled";

  private final Set<String> excluded;

  /**
   * Knows where nothing is ever injected.
   *
   * @param meshNamespace where Heddle itself runs
   */
  InjectionPolicy(String meshNamespace) {
    this.excluded = Set.of(meshNamespace, "kube-system");
  }

  boolean isExcluded(String namespace) {
    return excluded.contains(namespace);
  }

  /**
   * What a pod or a namespace itself asks for: a label wins over an annotation; empty if it says
   * nothing.
   *
   * @throws RefusedException if it says something else
   */
  static Optional<Boolean> wish(Marks marks) throws RefusedException {
    String label = marks.labels().get(INJECT);
    if (label != null) {
      return Optional.of(isEnabled("label", label));
    }
    String annotation = marks.annotations().get(INJECT);
    if (annotation != null) {
      return Optional.of(isEnabled("annotation", annotation));
    }
    return Optional.empty();
  }

  private static boolean isEnabled(String kind, String value) throws RefusedException {
    return switch (value) {
      case ENABLED -> true;
      case DISABLED -> false;
      default ->
          throw new RefusedException(
              kind + " " + INJECT + ": " + value + " (expected: enabled or disabled)");
    };
  }
}
