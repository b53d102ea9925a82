package dev.heddle.e2e.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A cluster that somebody else runs. */
final class CurrentCluster implements Cluster {

  private static final Duration IMPORT_LIMIT = Duration.ofMinutes(5);

  private final Path kubeconfig;
  private final @Nullable String loadImageCommand;

  CurrentCluster(ClusterChoice.Current choice) {
    this.kubeconfig = choice.kubeconfig();
    this.loadImageCommand = choice.loadImageCommand();
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public void loadImage(Path dockerTar) {
    if (loadImageCommand == null || loadImageCommand.isBlank()) {
      throw new ClusterException(
          ClusterChoice.LOAD_IMAGE
              + ": not set (expected: the command that makes an image tar known to this cluster, e.g."
              + " \"kind load image-archive\")");
    }
    List<String> command = new ArrayList<>(List.of(loadImageCommand.strip().split("\\s+", -1)));
    command.add(dockerTar.toString());
    Commands.run(command, IMPORT_LIMIT, Path.of("target", "cluster", "load-image.log"));
  }

  @Override
  public String describe() {
    return "the current cluster, by " + kubeconfig;
  }

  @Override
  public Optional<NodeNetwork> nodeNetwork() {
    return Optional.empty();
  }

  @Override
  public void close() {
    // It was there before and stays.
  }
}
