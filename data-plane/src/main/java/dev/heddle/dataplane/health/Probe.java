package dev.heddle.dataplane.health;

/** One check of one endpoint, under way. Used on its event loop only. */
interface Probe {

  /** What came of it. */
  sealed interface Result {
    record Healthy() implements Result {}

    /**
     * The endpoint did not do what was expected.
     *
     * @param immediate whether it said so itself, so that there is nothing to wait for
     */
    record Unhealthy(String reason, boolean immediate) implements Result {}
  }

  /** Told once. */
  @FunctionalInterface
  interface Listener {
    void done(Result result);
  }

  void start();

  /** Gives it up; the listener is not told. */
  void cancel();
}
