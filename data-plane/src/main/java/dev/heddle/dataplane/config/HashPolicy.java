package dev.heddle.dataplane.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What of a request is hashed (envoy.config.route.v3.RouteAction.HashPolicy). */
public sealed interface HashPolicy {

  /** Whether what comes after is left out once this has given a hash. */
  boolean terminal();

  /**
   * A header's value.
   *
   * @param name lower case
   */
  record Header(String name, boolean terminal) implements HashPolicy {}

  /**
   * A cookie's value.
   *
   * @param lifetime of a cookie that the proxy gives to a client without one; zero for as long as
   *     the client lives, null for none
   * @param path of that cookie; empty for none
   */
  record Cookie(String name, @Nullable Duration lifetime, String path, boolean terminal)
      implements HashPolicy {}

  /** The client's address. */
  record SourceAddress(boolean terminal) implements HashPolicy {}

  /** The value of a parameter in the query, as it is written there. */
  record QueryParameter(String name, boolean terminal) implements HashPolicy {}
}
