package dev.heddle.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterChoiceTest {

  @TempDir Path folder;

  @Test
  void unaskedItIsK3sWhereDockerAnswers() {
    assertThat(ClusterChoice.of(Map.of(), ClusterChoiceTest::docker))
        .isEqualTo(new ClusterChoice.K3s(false));
  }

  @Test
  void unaskedItIsTheLocalOneWithoutDocker() {
    assertThat(ClusterChoice.of(Map.of(), ClusterChoiceTest::noDocker))
        .isEqualTo(new ClusterChoice.Local("test", false));
  }

  @Test
  void theCurrentOneIsNeverTakenUnasked() throws IOException {
    Map<String, String> environment = Map.of("KUBECONFIG", kubeconfig().toString());

    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::noDocker))
        .isInstanceOf(ClusterChoice.Local.class);
    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::docker))
        .isInstanceOf(ClusterChoice.K3s.class);
  }

  @Test
  void theCurrentOneIsTakenWhenAskedFor() throws IOException {
    Path kubeconfig = kubeconfig();
    Map<String, String> environment =
        Map.of(
            "CLUSTER", "current",
            "KUBECONFIG", kubeconfig.toString(),
            "CLUSTER_LOAD_IMAGE", "kind load image-archive");

    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::notAsked))
        .isEqualTo(new ClusterChoice.Current(kubeconfig, "kind load image-archive"));
  }

  @Test
  void theCurrentOneIsLookedForAtHome() throws IOException {
    Path kubeconfig = Files.createDirectories(folder.resolve(".kube")).resolve("config");
    Files.writeString(kubeconfig, "");
    Map<String, String> environment = Map.of("CLUSTER", "current", "HOME", folder.toString());

    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::notAsked))
        .isEqualTo(new ClusterChoice.Current(kubeconfig, null));
  }

  @Test
  void theCurrentOneWithoutKubeconfigIsRefused() {
    Path missing = folder.resolve("missing");

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            ClusterChoice.of(
                Map.of("CLUSTER", "current", "KUBECONFIG", missing.toString()),
                ClusterChoiceTest::notAsked))
        .withMessageContaining("KUBECONFIG: " + missing)
        .withMessageContaining("expected");
  }

  @Test
  void theKindAskedForWinsOverDocker() {
    assertThat(ClusterChoice.of(Map.of("CLUSTER", "local"), ClusterChoiceTest::notAsked))
        .isEqualTo(new ClusterChoice.Local("test", false));
    assertThat(ClusterChoice.of(Map.of("CLUSTER", "k3s"), ClusterChoiceTest::notAsked))
        .isEqualTo(new ClusterChoice.K3s(false));
  }

  @Test
  void aLocalOneCanBeNamedAndKept() {
    Map<String, String> environment =
        Map.of("CLUSTER", "local", "CLUSTER_NAME", "mine", "CLUSTER_KEEP", "1");

    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::notAsked))
        .isEqualTo(new ClusterChoice.Local("mine", true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0"})
  void emptyValuesCountAsUnset(String keep) {
    Map<String, String> environment =
        Map.of("CLUSTER", "", "CLUSTER_NAME", "", "CLUSTER_KEEP", keep);

    assertThat(ClusterChoice.of(environment, ClusterChoiceTest::noDocker))
        .isEqualTo(new ClusterChoice.Local("test", false));
  }

  @Test
  void anUnknownKindIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClusterChoice.of(Map.of("CLUSTER", "kind"), ClusterChoiceTest::notAsked))
        .withMessage("CLUSTER: kind (expected: current, k3s, local, or unset)");
  }

  @Test
  void anUnclearWishToKeepIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ClusterChoice.of(Map.of("CLUSTER_KEEP", "yes"), ClusterChoiceTest::noDocker))
        .withMessage("CLUSTER_KEEP: yes (expected: 0, 1, or unset)");
  }

  private Path kubeconfig() throws IOException {
    return Files.writeString(folder.resolve("kubeconfig"), "");
  }

  private static boolean docker() {
    return true;
  }

  private static boolean noDocker() {
    return false;
  }

  private static boolean notAsked() {
    throw new AssertionError("Docker was looked for although a kind had been asked for");
  }
}
