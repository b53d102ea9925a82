package dev.heddle.dataplane.http.filter;

import dev.heddle.dataplane.config.JwtAuthentication.KeySource;
import java.util.function.Consumer;

/** Gets key sets from where they are. */
@FunctionalInterface
public interface KeySetFetcher {

  /** What came of it. */
  sealed interface Result {
    record Body(String text) implements Result {}

    record Failure(String reason) implements Result {}
  }

  /**
   * Asks an endpoint of the cluster, within the timeout.
   *
   * @param done told once, at once or later, on this event loop
   */
  void fetch(KeySource.Remote where, Consumer<Result> done);
}
