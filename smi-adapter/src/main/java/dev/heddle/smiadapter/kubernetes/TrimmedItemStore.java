package dev.heddle.smiadapter.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps of each object only what an informer needs to notice changes: the content is in the mesh
 * state already, and a pod is some ten kilobytes.
 *
 * @param <T> the kind
 */
final class TrimmedItemStore<T extends HasMetadata> implements ItemStore<T> {

  private final Map<String, T> items = new ConcurrentHashMap<>();
  private final Supplier<T> newItem;

  TrimmedItemStore(Supplier<T> newItem) {
    this.newItem = newItem;
  }

  @Override
  public String getKey(T item) {
    ObjectMeta metadata = item.getMetadata();
    return Objects.requireNonNullElse(metadata.getNamespace(), "") + "/" + metadata.getName();
  }

  @Override
  public @Nullable T put(String key, T item) {
    ObjectMeta metadata = item.getMetadata();
    T trimmed = newItem.get();
    trimmed.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(metadata.getNamespace())
            .withName(metadata.getName())
            .withUid(metadata.getUid())
            .withResourceVersion(metadata.getResourceVersion())
            .build());
    return items.put(key, trimmed);
  }

  @Override
  public @Nullable T remove(String key) {
    return items.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return items.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return items.values().stream();
  }

  @Override
  public int size() {
    return items.size();
  }

  @Override
  public @Nullable T get(String key) {
    return items.get(key);
  }

  /** Tells the informer to hand out objects as they come: they cannot be had from here later. */
  @Override
  public boolean isFullState() {
    return false;
  }
}
