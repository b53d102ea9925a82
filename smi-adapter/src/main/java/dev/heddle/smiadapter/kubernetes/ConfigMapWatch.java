package dev.heddle.smiadapter.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows one key of one ConfigMap. When it is gone its last text stays valid. */
public final class ConfigMapWatch implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ConfigMapWatch.class);

  private final String name;
  private final SharedIndexInformer<ConfigMap> informer;

  /**
   * Prepares the watch.
   *
   * @param changed called with each text, on the informer's thread
   */
  public ConfigMapWatch(
      KubernetesClient client,
      String namespace,
      String name,
      String key,
      Consumer<String> changed) {
    this.name = name;
    this.informer = client.configMaps().inNamespace(namespace).withName(name).runnableInformer(0);
    informer.addEventHandler(new Handler(key, changed));
    informer.exceptionHandler((started, e) -> {
      LOGGER.warn("The watch of ConfigMap {} is interrupted and tried again", name, e);
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
                LOGGER.error("The watch of ConfigMap {} ended", name, e);
              }
            });
  }

  @Override
  public void close() {
    informer.close();
  }

  private record Handler(String key, Consumer<String> changed)
      implements ResourceEventHandler<ConfigMap> {
    @Override
    public void onAdd(ConfigMap object) {
      String text = object.getData() == null ? null : object.getData().get(key);
      if (text != null) {
        changed.accept(text);
      }
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap after) {
      onAdd(after);
    }

    @Override
    public void onDelete(ConfigMap object, boolean finalStateUnknown) {
      LOGGER.warn("ConfigMap {} was deleted", object.getMetadata().getName());
    }
  }
}
