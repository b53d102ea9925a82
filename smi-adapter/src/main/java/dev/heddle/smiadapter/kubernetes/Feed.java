package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one kind of object and reports what it sees, without end: a watch that breaks is opened
 * again.
 *
 * @param <T> the kind
 */
final class Feed<T extends HasMetadata> implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(Feed.class);

  /** Objects per page of the first listing. */
  private static final long PAGE = 500;

  private static final long NO_RESYNC = 0;

  private final String kind;
  private final SharedIndexInformer<T> informer;

  Feed(
      String kind,
      Informable<T> objects,
      Supplier<T> newItem,
      Mapping<T> mapping,
      Consumer<Observation> sink,
      MeterRegistry registry) {
    this.kind = kind;
    Counter watchFailures = registry.counter("heddle_watch_failures", "kind", kind);
    Counter unreadable = registry.counter("heddle_unreadable_objects", "kind", kind);
    this.informer =
        objects
            .withLimit(PAGE)
            .runnableInformer(NO_RESYNC)
            .itemStore(new TrimmedItemStore<>(newItem))
            .exceptionHandler((started, failure) -> {
              watchFailures.increment();
              LOGGER.warn("Watching {} failed, trying again: {}", kind, failure.toString());
              return true;
            })
            .addEventHandler(new Handler<>(kind, mapping, sink, unreadable));
  }

  /** Begins to watch, in the background. */
  void start() {
    informer
        .start()
        .whenComplete((nothing, failure) -> {
          if (failure != null) {
            LOGGER.error("Watching {} could not be started", kind, failure);
          }
        });
  }

  /** Whether everything that existed at the start has been reported. */
  boolean synced() {
    return informer.hasSynced();
  }

  String kind() {
    return kind;
  }

  @Override
  public void close() {
    informer.stop();
  }

  private record Handler<T extends HasMetadata>(
      String kind, Mapping<T> mapping, Consumer<Observation> sink, Counter unreadable)
      implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T object) {
      report(object);
    }

    @Override
    public void onUpdate(T before, T after) {
      report(after);
    }

    @Override
    public void onDelete(T object, boolean finalStateUnknown) {
      mapping.removed(Names.of(object)).ifPresent(sink);
    }

    private void report(T object) {
      Observation observation;
      try {
        observation = mapping.observed(object);
      } catch (RuntimeException e) {
        unreadable.increment();
        LOGGER.error("{} {} cannot be read and is ignored", kind, Names.of(object), e);
        return;
      }
      sink.accept(observation);
    }
  }
}
