package dev.heddle.smiadapter.translate;

import dev.heddle.smiadapter.resources.Resource;
import dev.heddle.smiadapter.resources.ResourceKey;
import dev.heddle.smiadapter.state.Finding;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * How the resources differ from before.
 *
 * @param changed new ones and those with other content
 * @param removed those that are no more
 * @param failures the units that could not be translated
 * @param findings for each unit translated, what is to be said about it now
 */
public record ResourceDelta(
    Collection<Resource> changed,
    Set<ResourceKey> removed,
    Map<Unit, Collection<Finding>> findings,
    Map<Unit, RuntimeException> failures) {

  /** Whether no resource differs. */
  public boolean isEmpty() {
    return changed.isEmpty() && removed.isEmpty();
  }
}
