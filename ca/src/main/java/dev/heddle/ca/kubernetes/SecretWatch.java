package dev.heddle.ca.kubernetes;

import dev.heddle.ca.rotation.StoredSecret;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one Secret. While the API server cannot be reached the last content stays valid and the
 * watch is retried.
 */
public final class SecretWatch implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(SecretWatch.class);

  private final SharedIndexInformer<Secret> informer;

  private SecretWatch(SharedIndexInformer<Secret> informer) {
    this.informer = informer;
  }

  /**
   * Begins to follow.
   *
   * @param changed called with each content, on the informer's thread
   */
  public static SecretWatch start(
      KubernetesClient client, String namespace, String name, Consumer<StoredSecret> changed) {
    SharedIndexInformer<Secret> informer =
        client.secrets().inNamespace(namespace).withName(name).runnableInformer(0);
    informer.addEventHandler(new Handler(changed));
    informer.exceptionHandler((started, e) -> {
      LOGGER.warn("The watch of Secret {} is interrupted and tried again", name, e);
      return true;
    });
    CompletionStage<?> _ =
        informer
            .start()
            .whenComplete((_, e) -> {
              if (e != null) {
                LOGGER.error("The watch of Secret {} ended", name, e);
              }
            });
    return new SecretWatch(informer);
  }

  @Override
  public void close() {
    informer.close();
  }

  private record Handler(Consumer<StoredSecret> changed) implements ResourceEventHandler<Secret> {
    @Override
    public void onAdd(Secret secret) {
      changed.accept(KubernetesAuthorityStore.stored(secret));
    }

    @Override
    public void onUpdate(Secret before, Secret after) {
      changed.accept(KubernetesAuthorityStore.stored(after));
    }

    /** What was read stays in use: the keeper makes the Secret anew. */
    @Override
    public void onDelete(Secret secret, boolean finalStateUnknown) {
      LOGGER.warn("Secret {} was deleted", secret.getMetadata().getName());
    }
  }
}
