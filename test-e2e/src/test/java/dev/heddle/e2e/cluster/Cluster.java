package dev.heddle.e2e.cluster;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A Kubernetes that tests run on. One is used by all tests of a JVM; closing it ends what was
 * started for them.
 */
public interface Cluster extends AutoCloseable {

  /** An administrator's kubeconfig. */
  Path kubeconfig();

  /**
   * Makes an image known to every node, so that pods with {@code imagePullPolicy: IfNotPresent}
   * start without a registry.
   *
   * @param dockerTar an image tar in Docker's format
   * @throws ClusterException if the image cannot be imported
   */
  void loadImage(Path dockerTar);

  /** What this cluster is, for a person: its kind, its name and where it keeps its logs. */
  String describe();

  /**
   * The way into the node's network, where pods' traffic can be captured; absent where there is
   * none from here.
   */
  Optional<NodeNetwork> nodeNetwork();

  /** Ends what was started for the tests; a cluster that was there before is left alone. */
  @Override
  void close();
}
