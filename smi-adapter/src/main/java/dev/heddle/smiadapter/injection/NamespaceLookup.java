package dev.heddle.smiadapter.injection;

import java.util.Optional;

/** Finds what a namespace says about its pods. */
@FunctionalInterface
public interface NamespaceLookup {
  /**
   * Labels and annotations of a namespace. One that was created a moment ago may not have been seen
   * yet: an implementation asks the API server before it answers with nothing. May block for a
   * bounded time.
   */
  Optional<Marks> find(String namespace);
}
