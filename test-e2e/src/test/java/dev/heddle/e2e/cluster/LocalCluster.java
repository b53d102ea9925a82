package dev.heddle.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Kubernetes of {@code test-e2e/localcluster}, which needs no container engine. */
final class LocalCluster implements Cluster {

  /** Includes building Kubernetes from its modules, once per machine. */
  private static final Duration START_LIMIT = Duration.ofMinutes(30);

  private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
  private static final Duration IMPORT_LIMIT = Duration.ofMinutes(5);

  private static final Path STATE = Path.of("/var/lib/heddle/localcluster");

  private final Path program;
  private final String name;
  private final boolean keep;

  private LocalCluster(Path program, String name, boolean keep) {
    this.program = program;
    this.name = name;
    this.keep = keep;
  }

  /** Starts the cluster, or takes the one of that name that is up. */
  static LocalCluster start(ClusterChoice.Local choice) {
    Path program = Path.of("localcluster", "localcluster").toAbsolutePath();
    if (!Files.isExecutable(program)) {
      throw new ClusterException(
          program + ": not there (expected: that tests run in the folder test-e2e)");
    }
    LocalCluster cluster = new LocalCluster(program, choice.name(), choice.keep());
    cluster.run(START_LIMIT, "up");
    return cluster;
  }

  @Override
  public Path kubeconfig() {
    return STATE.resolve(name).resolve("kubeconfig");
  }

  @Override
  public void loadImage(Path dockerTar) {
    run(IMPORT_LIMIT, "load-image", dockerTar.toAbsolutePath().toString());
  }

  @Override
  public String describe() {
    return "the local cluster " + name + ", logs in " + STATE.resolve(name).resolve("logs");
  }

  @Override
  public Optional<NodeNetwork> nodeNetwork() {
    return Optional.of(new NodeNetwork(command("enter"), "cni0"));
  }

  @Override
  public void close() {
    if (!keep) {
      run(STOP_LIMIT, "down");
    }
  }

  private void run(Duration limit, String command, String... arguments) {
    List<String> whole = new ArrayList<>(command(command));
    whole.addAll(List.of(arguments));
    Commands.run(whole, limit, Path.of("target", "cluster", "localcluster.log"));
  }

  private List<String> command(String command) {
    return List.of(program.toString(), command, "--name", name);
  }
}
