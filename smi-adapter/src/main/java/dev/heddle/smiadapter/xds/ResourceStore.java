package dev.heddle.smiadapter.xds;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.resources.ResourceType;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * The resources as they are now. One thread writes, any may read: readers see either all of an
 * update or nothing of it.
 */
public final class ResourceStore {

  /**
   * Is told what has become different of what it is interested in. Called on the writer's thread;
   * must not block.
   */
  interface Watcher {
    /**
     * Some resources are no longer what they were.
     *
     * @param keys those that were added, changed or removed and that it is interested in
     * @param since when the change behind it was seen, by {@link System#nanoTime}
     */
    void changed(Collection<ResourceKey> keys, long since);
  }

  private final Interests<Watcher> interests = new Interests<>();
  private volatile PMap<ResourceType, PMap<String, Resource>> resources = HashTreePMap.empty();

  /**
   * Replaces some resources, then tells whoever is interested in them.
   *
   * @param since when the change behind it was seen, by {@link System#nanoTime}
   */
  public void update(Collection<Resource> changed, Collection<ResourceKey> removed, long since) {
    PMap<ResourceType, PMap<String, Resource>> next = resources;
    for (ResourceKey key : removed) {
      next = next.plus(key.type(), ofType(next, key.type()).minus(key.name()));
    }
    for (Resource resource : changed) {
      ResourceKey key = resource.key();
      next = next.plus(key.type(), ofType(next, key.type()).plus(key.name(), resource));
    }
    resources = next;
    Collection<ResourceKey> keys =
        Stream.concat(changed.stream().map(Resource::key), removed.stream()).toList();
    interests.concerned(keys).forEach((watcher, concerned) -> watcher.changed(concerned, since));
  }

  /** How many resources of a type there are. */
  public int size(ResourceType type) {
    return ofType(resources, type).size();
  }

  Optional<Resource> get(ResourceType type, String name) {
    return Optional.ofNullable(ofType(resources, type).get(name));
  }

  /** All resources of a type, as of now. */
  Map<String, Resource> all(ResourceType type) {
    return ofType(resources, type);
  }

  /**
   * Whom updates are told to. An interest holds before what it is about is read, so that nothing is
   * missed between the two.
   */
  Interests<Watcher> interests() {
    return interests;
  }

  private static PMap<String, Resource> ofType(
      PMap<ResourceType, PMap<String, Resource>> resources, ResourceType type) {
    PMap<String, Resource> found = resources.get(type);
    return found == null ? HashTreePMap.empty() : found;
  }
}
