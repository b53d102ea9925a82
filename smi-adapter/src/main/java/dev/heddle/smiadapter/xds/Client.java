package dev.heddle.smiadapter.xds;

import dev.heddle.meshapi.identity.SpiffeId;
import dev.heddle.smiadapter.resources.Audience;
import dev.heddle.smiadapter.resources.Resource;

/**
 * Who is at the other end of a stream.
 *
 * @param identity who it is, proved by its certificate
 * @param node who it says it is: for messages, and to choose among what its identity may see
 */
record Client(SpiffeId identity, String node) {

  /** Whether the client may see a resource that it asks for by name. */
  boolean maySee(Resource resource) {
    return switch (resource.audience()) {
      case Audience.Everyone() -> true;
      case Audience.OneWorkload(SpiffeId owner, String ignored) -> owner.equals(identity);
    };
  }

  /** Whether the client may see a resource, and is meant when it asks for everything. */
  boolean isMeantBy(Resource resource) {
    return switch (resource.audience()) {
      case Audience.Everyone() -> true;
      case Audience.OneWorkload(SpiffeId owner, String name) ->
          owner.equals(identity) && name.equals(node);
    };
  }

  @Override
  public String toString() {
    return node + " (" + identity + ")";
  }
}
