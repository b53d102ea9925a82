package dev.heddle.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Which cluster the tests are to run on, decided before any is started. */
public sealed interface ClusterChoice {

  /** Environment variable that asks for one kind: {@code current}, {@code k3s} or {@code local}. */
  String KIND = "CLUSTER";

  /**
   * Environment variable, {@code 1} to leave the cluster up when the tests have ended and to use it
   * again next time.
   */
  String KEEP = "CLUSTER_KEEP";

  /** Environment variable that names the local cluster; {@code test} unless set. */
  String NAME = "CLUSTER_NAME";

  /**
   * Environment variable with the command that makes an image known to the current cluster; the
   * tar's path is appended. For example {@code kind load image-archive}.
   */
  String LOAD_IMAGE = "CLUSTER_LOAD_IMAGE";

  /**
   * The cluster of a kubeconfig. Never chosen unasked: it may be anybody's.
   *
   * @param kubeconfig how to reach it
   * @param loadImageCommand words of {@link #LOAD_IMAGE}; null if unset
   */
  record Current(Path kubeconfig, @Nullable String loadImageCommand) implements ClusterChoice {}

  /**
   * k3s in a container.
   *
   * @param keep whether it outlives the tests
   */
  record K3s(boolean keep) implements ClusterChoice {}

  /**
   * The Kubernetes of {@code test-e2e/localcluster}.
   *
   * @param name tells it from other local clusters
   * @param keep whether it outlives the tests
   */
  record Local(String name, boolean keep) implements ClusterChoice {}

  /**
   * Decides: the one asked for; else k3s if a Docker engine answers; else the local one.
   *
   * @param environment variables of the process
   * @param dockerAnswers asked only if nobody asked for a kind
   * @throws IllegalArgumentException if a variable has a value that is not understood
   */
  static ClusterChoice of(Map<String, String> environment, BooleanSupplier dockerAnswers) {
    boolean keep = keep(environment);
    @Nullable String kind = environment.get(KIND);
    if (kind == null || kind.isEmpty()) {
      return dockerAnswers.getAsBoolean() ? new K3s(keep) : local(environment, keep);
    }
    return switch (kind) {
      case "current" -> current(environment);
      case "k3s" -> new K3s(keep);
      case "local" -> local(environment, keep);
      default ->
          throw new IllegalArgumentException(
              KIND + ": " + kind + " (expected: current, k3s, local, or unset)");
    };
  }

  private static boolean keep(Map<String, String> environment) {
    String value = environment.getOrDefault(KEEP, "");
    return switch (value) {
      case "1" -> true;
      case "", "0" -> false;
      default ->
          throw new IllegalArgumentException(KEEP + ": " + value + " (expected: 0, 1, or unset)");
    };
  }

  private static Local local(Map<String, String> environment, boolean keep) {
    String name = environment.getOrDefault(NAME, "");
    return new Local(name.isEmpty() ? "test" : name, keep);
  }

  private static Current current(Map<String, String> environment) {
    String named = environment.getOrDefault("KUBECONFIG", "");
    Path kubeconfig =
        named.isEmpty()
            ? Path.of(environment.getOrDefault("HOME", ""), ".kube", "config")
            : Path.of(named);
    if (!Files.isReadable(kubeconfig)) {
      throw new IllegalArgumentException(
          "KUBECONFIG: "
              + kubeconfig
              + " (expected: one readable kubeconfig, because "
              + KIND
              + "=current)");
    }
    return new Current(kubeconfig, environment.get(LOAD_IMAGE));
  }
}
