package dev.heddle.dataplane.xds;

import com.google.protobuf.Any;
import dev.heddle.dataplane.xds.translation.InvalidResourceException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one type: what is subscribed to, what is known of it, and what the server has
 * not yet been told. Not thread-safe.
 */
final class ResourceTable<T> {

  /** Means every resource of the type. */
  static final String WILDCARD = "*";

  /** Turns a resource into its value or throws {@link InvalidResourceException}. */
  interface Translation<T> {
    T translate(String name, Any resource);
  }

  /** Names to be told to the server. */
  record Changes(Set<String> subscribe, Set<String> unsubscribe) {
    boolean isEmpty() {
      return subscribe.isEmpty() && unsubscribe.isEmpty();
    }
  }

  private final Translation<T> translation;
  private final Map<String, Known<T>> entries = new HashMap<>();
  private final Map<String, String> rejected = new LinkedHashMap<>();
  private final Set<String> toSubscribe = new LinkedHashSet<>();
  private final Set<String> toUnsubscribe = new LinkedHashSet<>();
  private boolean wildcard;

  ResourceTable(Translation<T> translation) {
    this.translation = translation;
  }

  Map<String, Known<T>> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Why the newest version of a resource was refused, by name. */
  Map<String, String> rejected() {
    return Map.copyOf(rejected);
  }

  @Nullable Known<T> known(String name) {
    return entries.get(name);
  }

  /** Its last good value; null if there is none. */
  @Nullable T value(String name) {
    return entries.get(name) instanceof Known.Present<T> present ? present.value() : null;
  }

  void subscribe(String name) {
    if (entries.putIfAbsent(name, new Known.Requested<>()) == null && !toUnsubscribe.remove(name)) {
      toSubscribe.add(name);
    }
  }

  void subscribeToAll() {
    wildcard = true;
    toSubscribe.add(WILDCARD);
  }

  boolean isWildcard() {
    return wildcard;
  }

  /** Unsubscribes from everything but the given names. */
  void retain(Set<String> needed) {
    entries
        .keySet()
        .removeIf(name -> {
          if (needed.contains(name)) {
            return false;
          }
          rejected.remove(name);
          if (!toSubscribe.remove(name)) {
            toUnsubscribe.add(name);
          }
          return true;
        });
  }

  /** Takes over a resource kept from an earlier run; false if it cannot be honoured any more. */
  boolean restore(String name, String version, Any resource) {
    try {
      subscribe(name);
      entries.put(
          name, new Known.Present<>(version, resource, translation.translate(name, resource)));
      return true;
    } catch (InvalidResourceException e) {
      return false;
    }
  }

  /**
   * Takes over a new version; the last good one stays if it is refused.
   *
   * @return why it is refused; null if it is not
   */
  @Nullable String accept(String name, String version, Any resource) {
    if (!entries.containsKey(name) && !wildcard) {
      return null;
    }
    try {
      entries.put(
          name, new Known.Present<>(version, resource, translation.translate(name, resource)));
      rejected.remove(name);
      return null;
    } catch (InvalidResourceException e) {
      String reason = String.valueOf(e.getMessage());
      rejected.put(name, reason);
      entries.putIfAbsent(name, new Known.Requested<>());
      return reason;
    }
  }

  void removed(String name) {
    rejected.remove(name);
    if (wildcard) {
      entries.remove(name);
    } else {
      entries.computeIfPresent(name, (_, _) -> new Known.Absent<>());
    }
  }

  /** What changed since the last call. */
  Changes takeChanges() {
    Changes changes = new Changes(Set.copyOf(toSubscribe), Set.copyOf(toUnsubscribe));
    toSubscribe.clear();
    toUnsubscribe.clear();
    return changes;
  }

  boolean hasChanges() {
    return !toSubscribe.isEmpty() || !toUnsubscribe.isEmpty();
  }

  /** A new stream knows nothing: all names are to be told again. */
  void streamStarted() {
    toUnsubscribe.clear();
    toSubscribe.clear();
    if (wildcard) {
      toSubscribe.add(WILDCARD);
    } else {
      toSubscribe.addAll(entries.keySet());
    }
  }

  /** The versions that the server need not send again. */
  Map<String, String> versions() {
    Map<String, String> versions = new HashMap<>();
    entries.forEach((name, known) -> {
      if (known instanceof Known.Present<T> present) {
        versions.put(name, present.version());
      }
    });
    return versions;
  }
}
