package dev.heddle.smiadapter.xds;

import dev.heddle.smiadapter.resources.ResourceKey;
import java.util.Collection;

/** Is told that a proxy cannot use what it was sent. Must not block. */
public interface RejectionListener {

  /**
   * A client goes on with what it had before.
   *
   * @param resources what was in the response it rejects
   * @param message its reason
   */
  void rejected(Collection<ResourceKey> resources, String message);
}
