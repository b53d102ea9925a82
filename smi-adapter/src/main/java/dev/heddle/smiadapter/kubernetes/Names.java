package dev.heddle.smiadapter.kubernetes;

import dev.heddle.smiadapter.state.ObjectName;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;

/** Reads the names of objects. */
final class Names {

  private Names() {}

  /** Namespace and name; the namespace of a cluster-scoped object is empty. */
  static ObjectName of(HasMetadata object) {
    var metadata = object.getMetadata();
    return new ObjectName(
        Objects.requireNonNullElse(metadata.getNamespace(), ""), metadata.getName());
  }
}
