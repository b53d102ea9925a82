package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import java.util.Optional;

/**
 * Reads one kind of Kubernetes object.
 *
 * @param <T> the kind
 */
interface Mapping<T> {

  /** What it means that there is such an object. */
  Observation observed(T object);

  /** What it means that there is none of this name any more; empty if it means nothing. */
  Optional<Observation> removed(ObjectName name);
}
