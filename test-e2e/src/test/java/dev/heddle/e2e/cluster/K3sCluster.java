package dev.heddle.e2e.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** k3s in a privileged container of the Docker engine that testcontainers finds. */
final class K3sCluster implements Cluster {

  private static final DockerImageName IMAGE = DockerImageName.parse("rancher/k3s:v1.34.4-k3s1");
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final String IMPORTED_TAR = "/tmp/image.tar";

  private final K3sContainer container;
  private final Path kubeconfig;
  private final boolean keep;

  private K3sCluster(K3sContainer container, Path kubeconfig, boolean keep) {
    this.container = container;
    this.kubeconfig = kubeconfig;
    this.keep = keep;
  }

  /**
   * Starts the container. To keep it, testcontainers has to be told as well ({@code
   * testcontainers.reuse.enable=true} in its properties).
   */
  static K3sCluster start(ClusterChoice.K3s choice) {
    K3sContainer container =
        new K3sContainer(IMAGE).withReuse(choice.keep()).withStartupTimeout(START_LIMIT);
    container.start();
    try {
      Path kubeconfig = Path.of("target", "cluster", "k3s.kubeconfig").toAbsolutePath();
      Files.createDirectories(kubeconfig.getParent());
      Files.writeString(kubeconfig, container.getKubeConfigYaml());
      return new K3sCluster(container, kubeconfig, choice.keep());
    } catch (IOException | RuntimeException e) {
      container.stop();
      throw new ClusterException("k3s: its kubeconfig could not be kept", e);
    }
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void loadImage(Path dockerTar) {
    container.copyFileToContainer(MountableFile.forHostPath(dockerTar), IMPORTED_TAR);
    try {
      ExecResult result =
          container.execInContainer(
              "ctr", "--namespace", "k8s.io", "images", "import", IMPORTED_TAR);
      if (result.getExitCode() != 0) {
        throw new ClusterException("k3s: import of " + dockerTar + ": " + result.getStderr());
      }
    } catch (IOException e) {
      throw new ClusterException("k3s: import of " + dockerTar, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("k3s: import of " + dockerTar + ": interrupted", e);
    }
  }

  @Override
  public String describe() {
    return "k3s (" + IMAGE + ") in container " + container.getContainerName();
  }

  /**
   * Present where the engine runs on this very machine and this process may enter its namespaces.
   */
  @Override
  public Optional<NodeNetwork> nodeNetwork() {
    Long process = container.getContainerInfo().getState().getPidLong();
    if (process == null || !Files.isReadable(Path.of("/proc", process.toString(), "ns", "net"))) {
      return Optional.empty();
    }
    List<String> entry = List.of("nsenter", "--target", process.toString(), "--net", "--");
    return Optional.of(new NodeNetwork(entry, "cni0"));
  }

  @Override
  public void close() {
    if (!keep) {
      container.stop();
    }
  }
}
