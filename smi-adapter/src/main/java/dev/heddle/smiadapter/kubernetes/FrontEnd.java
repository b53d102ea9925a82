package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.ObjectName;
import dev.heddle.smiadapter.state.Observation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/**
 * A kind of object, of an API that may or may not be installed, which says something about traffic.
 * Objects arrive as they are stored, so that one that cannot be read is refused alone.
 */
public interface FrontEnd {

  /** The kind watched. */
  ResourceDefinitionContext kind();

  /** What an object says in the terms of the mesh. Does not throw, whatever the object holds. */
  Observation compile(GenericKubernetesResource object);

  /** What it means that an object is gone. */
  Observation removed(ObjectName name);
}
