package dev.heddle.smiadapter.resources;

import java.util.Comparator;

/**
 * What identifies a resource.
 *
 * @param type its type
 * @param name its name, unique within the type
 */
public record ResourceKey(ResourceType type, String name) implements Comparable<ResourceKey> {

  private static final Comparator<ResourceKey> ORDER =
      Comparator.comparing(ResourceKey::type).thenComparing(ResourceKey::name);

  @Override
  public int compareTo(ResourceKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return type + " " + name;
  }
}
