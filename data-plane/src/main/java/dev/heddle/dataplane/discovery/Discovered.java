package dev.heddle.dataplane.discovery;

import dev.heddle.dataplane.config.Listener;

/** What discovery found for a destination. */
public sealed interface Discovered {

  /**
   * A listener of the mesh stands for the destination.
   *
   * @param listener as of now; ask again for the next connection
   * @param lease closed once, when the connection ends
   */
  record Found(Listener listener, Lease lease) implements Discovered {}

  /** The control plane says that nothing of the mesh is there: traffic passes untouched. */
  record NotInMesh() implements Discovered {}

  /** Nobody could be asked in time and nothing was kept. */
  record Unavailable(String reason) implements Discovered {}

  /** Keeps a subscription alive. Callable on any thread; further calls do nothing. */
  interface Lease extends AutoCloseable {
    @Override
    void close();
  }
}
