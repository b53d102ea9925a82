package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.injection.Marks;
import dev.heddle.smiadapter.injection.NamespaceLookup;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what namespaces say about their pods; asks the API server for one that it has not seen yet.
 */
public final class NamespaceWatch implements NamespaceLookup, AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(NamespaceWatch.class);

  private final KubernetesClient client;
  private final SharedIndexInformer<Namespace> informer;

  /** Prepares the watch. */
  public NamespaceWatch(KubernetesClient client) {
    this.client = client;
    this.informer = client.namespaces().runnableInformer(0);
    informer.exceptionHandler((started, e) -> {
      LOGGER.warn("The watch of namespaces is interrupted and tried again", e);
      return true;
    });
  }

  /** Begins to watch, in the background. */
  public void start() {
    CompletionStage<?> _ =
        informer
            .start()
            .whenComplete((_, e) -> {
              if (e != null) {
                LOGGER.error("The watch of namespaces ended", e);
              }
            });
  }

  /** Whether all namespaces that existed at the start are known. */
  public boolean synced() {
    return informer.hasSynced();
  }

  @Override
  public Optional<Marks> find(String name) {
    Namespace known = informer.getIndexer().getByKey(name);
    return Optional.ofNullable(known).or(() -> asked(name)).map(NamespaceWatch::marks);
  }

  @Override
  public void close() {
    informer.close();
  }

  private Optional<Namespace> asked(String name) {
    try {
      return Optional.ofNullable(client.namespaces().withName(name).get());
    } catch (KubernetesClientException e) {
      LOGGER.warn("Namespace {} cannot be read", name, e);
      return Optional.empty();
    }
  }

  private static Marks marks(Namespace namespace) {
    ObjectMeta metadata = namespace.getMetadata();
    return new Marks(
        Objects.requireNonNullElse(metadata.getLabels(), Map.of()),
        Objects.requireNonNullElse(metadata.getAnnotations(), Map.of()));
  }
}
