package dev.heddle.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one object. While the API server cannot be reached, and when the object is deleted, what
 * was last seen stays valid; the watch is tried again for as long as the process lives.
 */
public final class ObjectWatch<T extends HasMetadata> implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(ObjectWatch.class);

  private final SharedIndexInformer<T> informer;

  private ObjectWatch(SharedIndexInformer<T> informer) {
    this.informer = informer;
  }

  /**
   * Begins to follow, in the background.
   *
   * @param name of the object with its kind, for the log
   * @param changed called with each version, on the informer's thread
   */
  public static <T extends HasMetadata> ObjectWatch<T> start(
      Resource<T> object, String name, Consumer<T> changed) {
    SharedIndexInformer<T> informer = object.runnableInformer(0);
    informer.addEventHandler(new Handler<>(name, changed));
    informer.exceptionHandler((started, e) -> {
      LOGGER.warn("The watch of {} is interrupted and tried again", name, e);
      return true;
    });
    CompletionStage<?> _ =
        informer
            .start()
            .whenComplete((_, e) -> {
              if (e != null) {
                LOGGER.error("The watch of {} ended", name, e);
              }
            });
    return new ObjectWatch<>(informer);
  }

  @Override
  public void close() {
    informer.close();
  }

  private record Handler<T extends HasMetadata>(String name, Consumer<T> changed)
      implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      changed.accept(object);
    }

    @Override
    public void onUpdate(T before, T after) {
      changed.accept(after);
    }

    @Override
    public void onDelete(T object, boolean finalStateUnknown) {
      LOGGER.warn("{} was deleted", name);
    }
  }
}
