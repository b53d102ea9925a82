package dev.heddle.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/**
 * Gives tests the one cluster of this JVM: a parameter of type {@link Cluster} or {@link
 * KubernetesClient}. The first test class that asks starts it; JUnit closes it after the last.
 */
public final class ClusterExtension implements BeforeAllCallback, ParameterResolver {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterExtension.class);
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ClusterExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    running(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Cluster.class || type == KubernetesClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    RunningCluster running = running(context);
    return parameter.getParameter().getType() == Cluster.class
        ? running.cluster()
        : running.client();
  }

  /**
   * The cluster of this JVM; started by the first call.
   *
   * @throws ClusterException if it could not be started; tried once only, as trying takes long
   */
  public static RunningCluster running(ExtensionContext context) {
    Start start =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(Start.class, key -> tryToStart(), Start.class);
    return switch (start) {
      case RunningCluster running -> running;
      case FailedStart failed ->
          throw new ClusterException(
              "the cluster did not start: " + failed.cause().getMessage(), failed.cause());
    };
  }

  private static Start tryToStart() {
    try {
      return start();
    } catch (RuntimeException e) {
      return new FailedStart(e);
    }
  }

  private static RunningCluster start() {
    ClusterChoice choice =
        ClusterChoice.of(System.getenv(), () -> DockerClientFactory.instance().isDockerAvailable());
    LOG.info("Starting the cluster for the tests: {}", choice);
    Cluster cluster =
        switch (choice) {
          case ClusterChoice.Current current -> new CurrentCluster(current);
          case ClusterChoice.K3s k3s -> K3sCluster.start(k3s);
          case ClusterChoice.Local local -> LocalCluster.start(local);
        };
    try {
      LOG.info("The tests run on {}", cluster.describe());
      Config config = Config.fromKubeconfig(cluster.kubeconfig().toFile());
      return new RunningCluster(cluster, new KubernetesClientBuilder().withConfig(config).build());
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /**
   * What is closed after the last test.
   *
   * @param client an administrator's client
   */
  public record RunningCluster(Cluster cluster, KubernetesClient client)
      implements Start, AutoCloseable {

    @Override
    public void close() {
      try (cluster;
          client) {
        LOG.info("The tests have ended on {}", cluster.describe());
      }
    }
  }

  /**
   * Remembered, so that the other test classes fail at once.
   *
   * @param cause why there is no cluster
   */
  record FailedStart(RuntimeException cause) implements Start {}

  /** How starting the cluster ended. */
  sealed interface Start permits RunningCluster, FailedStart {}
}
